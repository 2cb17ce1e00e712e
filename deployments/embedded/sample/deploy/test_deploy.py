"""What the deploy scripts decide, without GitHub and without AWS."""

import hashlib
import shlex
import subprocess
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import check
import fetch_release
import rollout


class FetchRelease(unittest.TestCase):
    def test_the_sum_is_that_of_the_archive_by_its_whole_name(self):
        sums = "aaa  other-moond.tar.gz\nbbb  moond.tar.gz\nccc *moon.tar.gz\n"
        self.assertEqual(fetch_release.sum_of("moond.tar.gz", sums), "bbb")
        self.assertEqual(fetch_release.sum_of("moon.tar.gz", sums), "ccc")
        with self.assertRaises(fetch_release.Refused):
            fetch_release.sum_of("moond", sums)

    def test_content_with_another_sum_is_refused(self):
        expected = hashlib.sha256(b"moon").hexdigest()
        self.assertEqual(fetch_release.verified(b"moon", expected, "moon"), b"moon")
        with self.assertRaises(fetch_release.Refused):
            fetch_release.verified(b"noon", expected, "moon")


class Rollout(unittest.TestCase):
    def invocation(self, status, output):
        return {"InstanceId": "mi-1", "Status": status, "CommandPlugins": [{"Output": output}]}

    def test_values_reach_the_node_unchanged(self):
        value = "it's; $(a) `trap` \\ \"here\""
        lines = rollout.commands({"VALUE": value}, 'printf %s "$VALUE"')
        said = subprocess.run(["sh", "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
        self.assertEqual(said.stdout, value)
        self.assertEqual(shlex.split(lines[0]), ["export", f"VALUE={value}"])

    def test_the_address_is_what_the_node_says(self):
        self.assertEqual(rollout.url_from([self.invocation("Success", "x\nurl=http://a\n")]), "http://a")

    def test_a_node_that_failed_is_named_with_its_last_line(self):
        with self.assertRaisesRegex(rollout.Failed, "mi-1: Failed: it is not healthy"):
            rollout.url_from([self.invocation("Failed", "url=http://a\nit is not healthy")])

    def test_the_install_script_is_plain_shell(self):
        subprocess.run(["sh", "-n", str(rollout.INSTALL)], check=True)


class Check(unittest.TestCase):
    def serve(self, health, version):
        class Service(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(health if self.path == "/healthz" else 200)
                self.end_headers()
                self.wfile.write(b'{"version":"%s"}' % version)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Service)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def test_a_healthy_service_of_the_right_version_has_no_problem(self):
        self.assertIsNone(check.problem(self.serve(200, b"1.2.3"), "1.2.3"))

    def test_another_version_is_a_problem(self):
        self.assertIn("says 1.2.2, not 1.2.3", check.problem(self.serve(200, b"1.2.2"), "1.2.3"))

    def test_an_unhealthy_service_is_a_problem(self):
        self.assertIn("answers 503", check.problem(self.serve(503, b"1.2.3"), "1.2.3"))


if __name__ == "__main__":
    unittest.main()
