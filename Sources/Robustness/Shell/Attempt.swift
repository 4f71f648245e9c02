/// Which attempt of which stage of a cascade.
struct Attempt: Hashable, Sendable {
  let stage: Int
  let restart: Int
}
