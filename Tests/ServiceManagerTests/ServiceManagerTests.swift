import Foundation
import ServiceLifecycleTestKit
import ServiceManager
import TestSupport
import Testing

/// What a service manager hears, on a real datagram socket.
@Suite struct ServiceManagerTests {
    @Test func readyReloadingAndStoppingAreTold() async throws {
        let socket = try NotifySocket()
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.path])
        manager.ready(status: "2 runs under way")
        #expect(await socket.receive() == "READY=1\nSTATUS=2 runs under way")
        manager.reloading()
        let reloading = await socket.receive()
        #expect(reloading.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(reloading.split(separator: "=").last.flatMap { Int($0) } != nil)
        manager.stopping(status: "stopping, 1 run under way")
        #expect(await socket.receive() == "STOPPING=1\nSTATUS=stopping, 1 run under way")
    }

    #if os(Linux)
        @Test func anAbstractSocketIsReached() async throws {
            let socket = try NotifySocket(abstract: true)
            ServiceManager(environment: ["NOTIFY_SOCKET": socket.path]).well()
            #expect(await socket.receive() == "WATCHDOG=1")
        }
    #endif

    @Test func withoutAManagerNothingHappens() {
        let manager = ServiceManager(environment: [:])
        manager.ready(status: "")
        #expect(manager.watchdogInterval == nil)
        ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/\(String(repeating: "x", count: 200))"]).well()
    }

    @Test func aWatchdogForAnotherProcessIsNotOurs() {
        let mine = "\(ProcessInfo.processInfo.processIdentifier)"
        #expect(
            ServiceManager(environment: ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": mine]).watchdogInterval
                == .seconds(3))
        #expect(
            ServiceManager(environment: ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"]).watchdogInterval == nil)
    }

    @Test(arguments: [true, false]) func theWatchdogIsFedOnlyWhileTheServiceIsWell(_ isWell: Bool) async throws {
        let socket = try NotifySocket()
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "60000"])
        try await testGracefulShutdown { trigger in
            async let running: Void = Watchdog(manager: manager, isWell: { isWell }, status: { "at work" }).run()
            #expect(await socket.receive() == "READY=1\nSTATUS=at work")
            if isWell {
                #expect(await socket.receive() == "WATCHDOG=1")
                #expect(await socket.receive() == "STATUS=at work")
                #expect(await socket.receive() == "WATCHDOG=1")
            } else {
                for _ in 0..<3 { #expect(await socket.receive() == "STATUS=at work") }
            }
            trigger.triggerGracefulShutdown()
            try await running
        }
    }
}
