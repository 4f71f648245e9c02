import Platform

/// How threads wait for one another.
enum Waiting {
  /// Makes threads that wait sleep soon, unless the environment says how they should wait.
  ///
  /// By default those of GNU OpenMP spin for milliseconds. On a machine that others use as well,
  /// they then hold the processors that the threads they wait for need: measured six times slower.
  /// The library reads its settings when it is loaded, so the program starts itself anew once.
  static func prepare() {
    #if canImport(Glibc)
      guard getenv("OMP_WAIT_POLICY") == nil, getenv("GOMP_SPINCOUNT") == nil,
        setenv("GOMP_SPINCOUNT", "1000", 0) == 0
      else { return }
      // Each thread would keep 64 MB of addresses for its allocations alone.
      if ProcessLimits.areAddressesLimited { setenv("MALLOC_ARENA_MAX", "2", 0) }
      var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
      // If it returns, it failed, and everything goes on as it is.
      execv("/proc/self/exe", &arguments)
      for argument in arguments { free(argument) }
    #endif
  }
}
