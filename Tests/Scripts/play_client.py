#!/usr/bin/env python3
"""Drives the app through `accord play --stdio`, in Python's standard library alone.

    from play_client import Accord
    with Accord("accord", "--size", "100x30") as app:
        app.key("Down")
        print(app.text())

Run by itself, it tries the protocol: play_client.py PATH-OF-ACCORD
"""
import json
import random
import subprocess
import sys


class Refused(Exception):
    """The app answered with an error."""


class Accord:
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen(
            [program, "play", "--stdio", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def send(self, line):
        """Sends bytes as they are and returns the answer as it is."""
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def ask(self, **request):
        answer = self.send(json.dumps(request).encode())
        if "error" in answer:
            raise Refused(answer["error"]["message"])
        return answer

    def key(self, name, count=1):
        return self.ask(key=name, count=count)["changes"]

    def type(self, text):
        return self.ask(text=text)["changes"]

    def tape(self, line):
        return self.ask(tape=line)["changes"]

    def text(self):
        return self.ask(want="text")["text"]

    def frame(self):
        return self.ask(want="frame")["frame"]

    def tree(self):
        return self.ask(want="tree")["tree"]

    def find(self, role, name):
        """The first node of the tree with this role and name, or None."""
        nodes = [self.tree()]
        while nodes:
            node = nodes.pop(0)
            if node.get("role") == role and node.get("name") == name:
                return node
            nodes = node.get("items", []) + nodes
        return None


def check(condition, what):
    if not condition:
        sys.exit("failed: " + what)


def try_app(program):
    with Accord(program, "--size", "80x24", "--locale", "en") as app:
        check("Try the demo" in app.text(), "the first screen offers the demo")
        changes = app.key("Down")
        check(list(changes["rows"]) and "size" in changes, "the first answer has every row")
        node = app.find("item", "Join with a code")
        check(node and node["states"] == ["selected"], "Down selects the other way")
        changes = app.key("Up")
        check(0 < len(changes["rows"]) < 8, "later answers have the rows that changed")
        app.key("Down")
        app.key("Enter")
        app.type("睡眠 sleep")
        check("睡眠 sleep" in app.text().replace("  ", " "), "text arrives as it was typed")
        app.ask(paste="two\nlines")
        frame = app.ask(resize=[60, 20])["changes"]
        check(frame["size"] == [60, 20] and len(frame["rows"]) == 20, "a new size shows all rows")
        frame = app.frame()
        check(len(frame["rows"]) == 20 and frame["cursor"], "a frame has rows and a cursor")
        for first, last, role in frame["roles"]:
            check(first[0] == last[0] and first[1] <= last[1] and role, "roles are stretches")
        app.ask(click=[1, 1])
        app.ask(scroll=-2)
        app.ask(clock="+1h")
        app.ask(sleep="2s")
        check(app.ask(want="text", id=7)["id"] == 7, "an id comes back")
        app.tape("Expect /./")
        try:
            app.tape("Expect /no such words/")
            check(False, "an expectation that fails is an error")
        except Refused as problem:
            check("no such words" in str(problem), "the error says what was expected")
        try_bad_lines(app)
        app.key("Escape")
        app.key("q")
        check(app.send(b'{"want":"text"}').get("ended"), "the end is told")


def try_bad_lines(app):
    """Nothing that is sent ends the app, and every line has one answer."""
    lines = [
        b"rubbish", b"[1]", b"3", b'"x"', b"null", b"{}", b'{"key":3}', b'{"key":"Dwon"}',
        b'{"key":"a","text":"b"}', b'{"resize":[0,0]}', b'{"resize":[1e9,2]}',
        b'{"click":["a","b"]}', b'{"clock":"noon"}', b'{"tape":"Jump"}', b'{"tape":"Source x"}',
        b'{"key":"a","count":0}', b'{"count":3}', b'{"want":"all"}', b'{"text":null}', b"\xff\xfe",
        b'{"a":' * 2000, b"[" * 100000, b'{"text":"\\ud800"}', b'{"scroll":0}',
        b'{"want":"' + b"x" * 2_000_000 + b'"}',
    ]
    for line in lines:
        answer = app.send(line)
        check("error" in answer and answer["error"]["message"], "an error for %r" % line[:40])
    random.seed(5)
    for _ in range(200):
        line = bytes(random.choice(b'{}[]":,keytx \\0189\x80\xe7') for _ in range(30))
        check(isinstance(app.send(b"x" + line), dict), "an answer to noise")
    check(app.frame()["size"] == [60, 20], "errors change nothing")


if __name__ == "__main__":
    try_app(sys.argv[1])
    print("the line protocol holds")
