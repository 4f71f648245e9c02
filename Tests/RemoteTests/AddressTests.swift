import Remote
import Testing

@Suite struct AddressTests {
  @Test(arguments: [
    ("http://host/p", "http://host/p"), ("http://host:80/p?", "http://host:80/p?"),
    ("http://user:SECRET@host/p", "http://...@host/p"),
    ("http://SECRET@host", "http://...@host"),
    ("https://a:SE@CRET@host:1/p", "https://...@host:1/p"),
    ("http://a:SEC/RET@host/p", "http://...@host/p"),
    ("http://a:SEC?R#ET@host/p", "http://...@host/p"),
    ("http://[::1]:8080/p", "http://[::1]:8080/p"), ("http://[::1]/p@q", "http://[::1]/p@q"),
    ("http://host/p@q?x", "http://host/p@q?..."), ("http://host:80/p@q", "http://host:80/p@q"),
    ("http://h/p?api_key=SECRET&a=b", "http://h/p?api_key=...&a=..."),
    ("http://h/p?token=SECRET;b=SECRET", "http://h/p?token=...;b=..."),
    ("http://h?SECRET", "http://h?..."), ("http://h/p#SECRET", "http://h/p#..."),
    ("no address", "no address"),
  ])
  func whatIsShown(_ text: String, _ expected: String) { #expect(Address(text).shown == expected) }

  @Test func inTexts() {
    let text = "sh -c 'curl \"https://u:SECRET@h/p?k=SECRET\" | x' and http://v:SECRET@i"
    #expect(
      Address.hidden(in: text) == "sh -c 'curl \"https://...@h/p?k=...\" | x' and http://...@i")
    #expect(RemoteReference("program:\(text)")?.description.contains("SECRET") == false)
    #expect(Address.hidden(in: "nothing: // here") == "nothing: // here")
  }

  @Test func otherModelsHaveOtherDigests() {
    func digest(_ query: String) -> String? { Address("http://h/p?" + query).digest }
    #expect(digest("") == nil && Address("http://h/p").digest == nil)
    #expect(digest("api_key=1") == nil && digest("model=a") != nil)
    #expect(digest("model=a") != digest("model=b"))
    #expect(digest("model=a&access_token=1") == digest("access_token=2&model=a"))
  }

  @Test func escapesAreSecretsToo() {
    let secrets = Address("http://u:p%40ssword@h/?key=a%2Fbcd").secrets
    for secret in ["p%40ssword", "p@ssword", "a%2Fbcd", "a/bcd"] {
      #expect(secrets.contains(secret), "\(secret)")
    }
  }
}
