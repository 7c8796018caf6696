#!/usr/bin/env Rscript
# Compares the log-likelihood of fixed exponential smoothing forms with that of R's forecast::ets, series by series.
# Usage: Rscript ops/bench/likelihood.R SUYO FILE.csv FREQUENCY SEASON [FORM ...]
#
# SUYO is the binary, FILE.csv has unique_id,ds,y; needs the package forecast (apt-get install r-cran-forecast). A line per
# form: on how many series suyo reaches R's value less 0.1, the median and the least difference, and how many of suyo's
# fits lie outside the admissible region (Hyndman et al. 2008, chapter 10; the test is the package's own). A minute per
# form and a thousand monthly series.
suppressMessages(library(forecast))
arguments <- commandArgs(TRUE)
if (length(arguments) < 4) stop("Rscript likelihood.R SUYO FILE.csv FREQUENCY SEASON [FORM ...]")
season <- as.integer(arguments[4])
forms <- arguments[-(1:4)]
if (length(forms) == 0) {
  forms <- c("ANN", "AAN", "AAdN", "ANA", "AAA", "AAdA", "MNN", "MAN", "MAdN", "MNM", "MAM", "MAdM", "MNA", "MAA", "MAdA")
}
data <- read.csv(arguments[2], colClasses = c("character", "character", "numeric"))
series <- split(data$y, factor(data$unique_id, levels = unique(data$unique_id)))

# One number under a name of each series of a report, NA where it has none.
field <- function(blocks, name) {
  pattern <- paste0('"', name, '" *: *(-?[0-9.]+([eE][-+]?[0-9]+)?)')
  vapply(regmatches(blocks, regexec(pattern, blocks)), function(found) as.numeric(found[2]), 0)
}

ours <- function(form) {
  report <- tempfile()
  on.exit(unlink(report))
  status <- system2(arguments[1], c(
    "file", "forecast", arguments[2], "--frequency", arguments[3], "--season", season, "--horizon", 1,
    "--model", paste0("ets:", form), "--report", report, "-o", tempfile()))
  if (status != 0) stop("suyo failed")
  blocks <- strsplit(paste(readLines(report), collapse = ""), '"unique_id" *: *')[[1]]
  ids <- sub('^"([^"]*)".*', "\\1", blocks[-1])
  keys <- c("log_likelihood", "alpha", "beta", "gamma", "phi")
  # A block reaches from one identifier to the next; numbers written before their identifier lie in the block before.
  source <- if (grepl("log_likelihood", blocks[1])) blocks[-length(blocks)] else blocks[-1]
  data.frame(sapply(keys, function(key) field(source, key)), row.names = ids)
}

theirs <- function(y, form) {
  fit <- tryCatch(
    suppressWarnings(ets(ts(y, frequency = season), model = gsub("d", "", form), damped = grepl("d", form), restrict = FALSE)),
    error = function(failure) NULL)
  if (is.null(fit)) NA else fit$loglik
}

admissible <- get("admissible", envir = asNamespace("forecast"))
cat("form  series  reached  median  least  inadmissible\n")
for (form in forms) {
  mine <- ours(form)[names(series), ]
  reference <- vapply(series, theirs, 0, form = form)
  difference <- mine$log_likelihood - reference
  difference[is.na(mine$log_likelihood) & !is.na(reference)] <- -Inf
  compared <- difference[!is.na(difference)]
  inside <- mapply(function(alpha, beta, gamma, phi) {
    if (is.na(alpha)) return(TRUE)
    optional <- function(value) if (is.na(value)) NULL else value
    admissible(alpha, optional(beta), optional(gamma), optional(phi), if (grepl("N$", form)) 1 else season)
  }, mine$alpha, mine$beta, mine$gamma, mine$phi)
  cat(sprintf("%-5s %6d  %6.2f%%  %6.3f  %6.2f  %d\n", form, length(compared), 100 * mean(compared >= -0.1),
    median(compared), min(compared), sum(!inside)))
}
