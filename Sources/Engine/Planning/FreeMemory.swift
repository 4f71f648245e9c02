import CHost

/// Memory that the allocator keeps though nobody uses it.
enum FreeMemory {
  /// Returns it to the system.
  ///
  /// Files, networks and folded weights come and go as large blocks before a plan is made, and the allocator
  /// keeps what they leave for requests that never come.
  static func giveBack() { gibbon_give_back_free_memory() }
}
