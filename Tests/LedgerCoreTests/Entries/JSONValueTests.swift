import Foundation
import LedgerCore
import Testing
import TestSupport

struct JSONValueTests {
    @Test(arguments: [
        #"{"a":1,"b":[true,false,-5],"c":{"d":"x"}}"#,
        #""tab\tquote\"slash\\bell\u0007""#,
        "[]", "{}", "0", "-9223372036854775808", "9223372036854775807", #""汉字 🧬""#,
    ])
    func `canonical text reads and writes to the same bytes`(text: String) throws {
        let bytes = Array(text.utf8)
        #expect(try JSONValue(canonical: bytes).canonicalBytes == bytes)
    }

    @Test(arguments: [
        (#"{"b":1,"a":2}"#, JSONRefusal.keysNotAscending),
        (#"{"a":1,"a":2}"#, .keysNotAscending),
        (#"{"a": 1}"#, .unexpectedByte),
        ("[1,]", .unexpectedByte),
        ("1.0", .numberNotCanonical),
        ("1e3", .numberNotCanonical),
        ("01", .numberNotCanonical),
        ("-0", .numberNotCanonical),
        ("9223372036854775808", .numberNotCanonical),
        ("null", .unexpectedByte),
        (#""\u0041""#, .escapeNotShortest),
        (#""\u000a""#, .escapeNotShortest),
        (#""\/""#, .escapeNotShortest),
        ("\"a\nb\"", .unexpectedByte),
        (#"{"a":1"#, .endedEarly),
        (#""abc"#, .endedEarly),
        ("1 ", .trailingBytes),
        ("", .endedEarly),
    ])
    func `what is not canonical is refused with its reason`(text: String, reason: JSONRefusal) {
        #expect(throws: reason) { try JSONValue(canonical: Array(text.utf8)) }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: JSONRefusal.notUTF8) { try JSONValue(canonical: [0x22, 0xff, 0x22]) }
    }

    @Test func `nesting up to the limit is read and deeper is refused`() throws {
        let limit = JSONValue.depthLimit
        func nested(_ depth: Int) -> [UInt8] {
            Array(String(repeating: "[", count: depth).utf8)
                + Array(String(repeating: "]", count: depth).utf8)
        }
        #expect(throws: Never.self) { try JSONValue(canonical: nested(limit)) }
        #expect(throws: JSONRefusal.tooDeep) { try JSONValue(canonical: nested(limit + 1)) }
        #expect(throws: JSONRefusal.tooDeep) { try JSONValue(canonical: nested(100_000)) }
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
    func `every invalid file of the JSON test suite is refused`() throws {
        let files = try SharedData.files(in: "hostile/json/test_parsing", suffix: ".json")
        #expect(!files.isEmpty)
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: file))
            let value = try? JSONValue(canonical: bytes)
            if file.lastPathComponent.hasPrefix("n_") {
                #expect(value == nil, "\(file.lastPathComponent) was read")
            }
            if let value { #expect(value.canonicalBytes == bytes, "\(file.lastPathComponent)") }
        }
    }
}

struct Base64Tests {
    @Test func `every length encodes and decodes in both alphabets`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ 251) }
            let text = Base64.standard.encode(bytes)
            #expect(text == Data(bytes).base64EncodedString())
            #expect(Base64.standard.decode(text) == bytes)
            #expect(Base64.url.decode(Base64.url.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: ["QQ", "QQ=", "QR==", "Q===", "QQ==\n", "QU!=", "QUI", "====", "-_=="])
    func `standard text that is not the one encoding of its bytes is refused`(text: String) {
        #expect(Base64.standard.decode(text) == nil)
    }

    @Test(arguments: ["QR", "QQ==", "Q", "+/", "QQ "])
    func `URL text that is not the one encoding of its bytes is refused`(text: String) {
        #expect(Base64.url.decode(text) == nil)
    }

    @Test func `hexadecimal reads only lower case`() {
        #expect(Hex.decode("00ff") == [0x00, 0xff])
        #expect(Hex.decode("00FF") == nil)
        #expect(Hex.decode("0") == nil)
        #expect(Hash(hex: String(repeating: "0", count: 64)) == .zero)
    }
}
