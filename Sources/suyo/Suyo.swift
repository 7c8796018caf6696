@main struct Suyo { static func main() {} }
