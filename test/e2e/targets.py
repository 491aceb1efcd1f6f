"""What the tests balance to: a page that shows its request, and a port that repeats the first line it hears."""
import http.server
import socket
import socketserver
import threading

NAME = socket.gethostname()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = f"{NAME}\npeer: {self.client_address[0]}\n{self.headers}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            self.wfile.write(NAME.encode() + b" " + line)


class Lines(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


threading.Thread(target=Lines(("", 9000), Echo).serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer(("", 80), Page).serve_forever()
