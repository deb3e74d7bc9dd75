import Foundation
import LedgerCore
import TerminalCore

/// What a tape records: every frame at rest, on a time line of the tape's own.
///
/// The time line is made of pauses and typing alone, so that a recording does not depend on how
/// fast the machine was, and a clock that jumps a week does not make it a week long.
struct TapeRecording {
    private let outputs: [String]
    private let castVersion: Int
    private var cast: Asciicast?
    private var texts: [String] = []
    private var ansi = ""
    private(set) var last: Frame?
    private var lastLook: FrameLook?
    private var milliseconds: Int64 = 0

    init(outputs: [String], castVersion: Int) {
        self.outputs = outputs
        self.castVersion = castVersion
    }

    /// Whether frames are wanted at all.
    var isNeeded: Bool { !outputs.isEmpty }

    /// Lets time go by; a time line too long for its numbers ends there.
    mutating func advance(milliseconds: Int64) {
        let (sum, isOver) = self.milliseconds.addingReportingOverflow(milliseconds)
        self.milliseconds = isOver ? .max : sum
    }

    /// Sets a mark with a name.
    mutating func mark(_ name: String) { cast?.add(mark: name, at: milliseconds) }

    /// Takes a frame, if it is a new one.
    mutating func add(_ frame: Frame, look: FrameLook, start: Timestamp) {
        guard isNeeded, last != frame || lastLook != look else { return }
        let former = lastLook == look ? last : nil
        last = frame
        lastLook = look
        if wants("txt") || wants("ascii") { texts.append(FrameText.plain(frame)) }
        guard wants("cast") || wants("ansi") else { return }
        let output = FrameText.ansi(frame, after: former, look: look)
        ansi += output
        if cast == nil {
            cast = Asciicast(
                version: castVersion, size: frame.size, start: start, title: "accord")
        } else if let former, former.size != frame.size {
            cast?.add(size: frame.size, at: milliseconds)
        }
        cast?.add(output: output, at: milliseconds)
    }

    private func wants(_ ending: String) -> Bool {
        outputs.contains { $0.hasSuffix("." + ending) }
    }

    /// Writes every file; the names count from `folder`.
    mutating func write(in folder: URL, title: String) throws {
        cast?.add(exitStatus: 0, at: milliseconds)
        for output in outputs {
            let file = URL(filePath: output, relativeTo: folder)
            switch output.split(separator: ".").last.map(String.init) ?? "" {
            case "cast": try Data((cast?.text ?? "").utf8).write(to: file)
            case "ansi": try Data((ansi + "\u{1b}[0m\n").utf8).write(to: file)
            case "txt", "ascii":
                let rule = String(repeating: "─", count: 80) + "\n"
                try Data(texts.joined(separator: rule).utf8).write(to: file)
            case "svg", "png", "json":
                guard let last, let lastLook else { continue }
                try FramePicture.write(last, look: lastLook, title: title, to: file)
            default: break
            }
        }
    }
}

/// One frame as a file, in the form its ending names.
enum FramePicture {
    /// Writes `.txt`, `.ascii`, `.ansi`, `.svg`, `.png` or `.json`.
    static func write(_ frame: Frame, look: FrameLook, title: String, to file: URL) throws {
        switch file.pathExtension {
        case "ansi":
            try Data((FrameText.ansi(frame, look: look) + "\u{1b}[0m\n").utf8).write(to: file)
        case "svg":
            try Data(FrameSVG.draw(frame, title: title, look: look).utf8).write(to: file)
        case "png":
            let hasWideText = frame.hasWideText
            let svg = FrameSVG.draw(frame, title: title, look: look)
            try PNGPicture.write(svg: svg, hasWideText: hasWideText, to: file)
        case "json":
            let value = FrameJSON.object([
                ("frame", FrameJSON.frame(frame)), ("tree", frame.semantics.map(FrameJSON.tree)),
            ])
            try Data(value.canonicalBytes + [0x0a]).write(to: file)
        default: try Data(FrameText.plain(frame).utf8).write(to: file)
        }
    }
}
