"""Nobody but our own page gets in, and what is handed out is what the page needs."""

import http.client
import socket

import pytest

from pellucid.playground.hosts.bundle import PAGE


def asked(port, path="/", method="GET", **headers):
    """Status, headers and text of an answer; headers of None are left out."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": f"127.0.0.1:{port}", **headers}.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                connection.putheader(name.replace("_", "-"), one)
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


@pytest.fixture
def knock(hosted):
    """Ask for a socket as our own page does, some of it changed; gives the status: 101 is a socket."""

    def ask(*, token=None, session="session-1", hosted=hosted, **headers):
        query = "&".join(
            f"{name}={value}" for name, value in [("token", token or hosted.token), ("session", session)] if value != ""
        )
        connection = http.client.HTTPConnection("127.0.0.1", hosted.port, timeout=60)
        asks = {
            "Host": f"127.0.0.1:{hosted.port}",
            "Origin": f"http://127.0.0.1:{hosted.port}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec_WebSocket_Version": "13",
            "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
            **headers,
        }
        connection.putrequest("GET", f"/socket?{query}", skip_host=True, skip_accept_encoding=True)
        for name, value in asks.items():
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    connection.putheader(name.replace("_", "-"), one)
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status

    return ask


def test_our_own_page_gets_in(hosted, knock):
    assert knock() == 101
    assert knock(Host=f"localhost:{hosted.port}", Origin=f"http://localhost:{hosted.port}") == 101


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1:{port}/",
        ["http://127.0.0.1:{port}", "http://evil.example"],
    ],
)
def test_a_foreign_page_is_refused(hosted, knock, origin):
    origins = origin if isinstance(origin, list) else [origin]
    assert knock(Origin=[one and one.format(port=hosted.port) for one in origins]) == 403
    assert hosted.sessions[0].heard == []


@pytest.mark.parametrize("token", ["wrong", "ä", "%00", "x" * 5000])
def test_a_wrong_token_is_refused(knock, token):
    assert knock(token=token.encode().decode("ascii", "ignore") or "%C3%A4") == 403


def test_a_missing_token_is_refused(hosted):
    status, _, text = asked(hosted.port, "/socket?session=session-1")
    assert status == 403
    assert "open the address that it printed" in text


def test_two_tokens_are_none(hosted):
    assert asked(hosted.port, f"/socket?session=session-1&token={hosted.token}&token={hosted.token}")[0] == 403


@pytest.mark.parametrize("session", ["", "short", "../../etc/passwd", "a" * 65, "ab%20cdefgh"])
def test_a_session_needs_a_name(knock, session):
    assert knock(session=session) == 400


@pytest.mark.parametrize(
    "host", [None, "", "evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}"]
)
@pytest.mark.parametrize("path", ["/", "/main.js", "/socket"])
def test_another_host_name_is_refused(hosted, host, path):
    """DNS rebinding: a foreign name that leads to this machine."""
    status, _, text = asked(hosted.port, path, Host=host and host.format(port=hosted.port))
    assert status == 403
    assert "--allow-host" in text


def test_two_hosts_are_none(hosted):
    assert asked(hosted.port, Host=[f"127.0.0.1:{hosted.port}", "evil.example"])[0] == 403


def test_a_tunnel_that_was_allowed(host, knock):
    with host(allow_hosts=["Pages.example", "near.example:9000"]) as hosted:
        assert asked(hosted.port, Host="pages.example")[0] == 200
        assert asked(hosted.port, Host="pages.example:8443")[0] == 200
        assert asked(hosted.port, Host="near.example:9000")[0] == 200
        assert asked(hosted.port, Host="near.example")[0] == 403
        assert asked(hosted.port, Host="pages.example.evil.example")[0] == 403
        assert knock(hosted=hosted, Host="pages.example", Origin="https://pages.example") == 101
        assert knock(hosted=hosted, Host="pages.example", Origin="https://evil.example") == 403
        assert knock(hosted=hosted, Host="pages.example", Origin="ftp://pages.example") == 403
        assert knock(hosted=hosted) == 101


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/..%2fserver.py",
        "/%2e%2e/server.py",
        "/page/../../server.py",
        "//etc/passwd",
        "/etc/passwd",
        "/./main.js",
        "/main.js/",
        "/main.js%00.html",
        "/MAIN.JS",
        "/index.html/../main.js",
        "/page/",
        "/.",
        "http://127.0.0.1/../server.py",
    ],
)
def test_no_way_leads_out_of_the_page(hosted, path):
    status, _, text = asked(hosted.port, path)
    assert status == 404
    assert "There is no such page" in text


def test_every_file_of_the_page_and_nothing_else(hosted):
    for file in PAGE.iterdir():
        status, headers, text = asked(hosted.port, f"/{file.name}")
        assert status == 200
        assert text == file.read_text(encoding="utf-8")
        assert headers["Content-Type"].endswith("; charset=utf-8")
    assert asked(hosted.port, "/")[2] == (PAGE / "index.html").read_text(encoding="utf-8")
    assert asked(hosted.port, "/?token=anything&more")[0] == 200  # the page itself is no secret


@pytest.mark.parametrize("path", ["/", "/main.js", "/nothing", "/socket"])
def test_headers_that_bind_the_page_to_itself(hosted, path):
    _, headers, _ = asked(hosted.port, path)
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_get(hosted, method):
    assert asked(hosted.port, "/", method)[0] == 405


@pytest.mark.parametrize(
    "block", [b"", b"\x00" * 100, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000, b"GET /" + b"a" * 100_000, b"\r\n\r\n"]
)
def test_what_is_no_request_does_not_disturb_the_server(hosted, block):
    with socket.create_connection(("127.0.0.1", hosted.port), timeout=60) as rough:
        rough.sendall(block)
    assert asked(hosted.port)[0] == 200


def test_a_page_that_was_refused_can_ask_why(hosted):
    right = f"/socket?token={hosted.token}&session=session-1"
    assert asked(hosted.port, right)[0] == 426
    assert asked(hosted.port, right, Origin="http://evil.example")[0] == 403
    status, _, text = asked(hosted.port, "/socket?token=old&session=session-1")
    assert status == 403
    assert text.startswith("This page does not have the key of the running playground")
