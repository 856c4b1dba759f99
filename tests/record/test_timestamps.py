"""Time-stamps of checkpoints, made by OpenSSL: which count, and which do not."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from recording import RECORD_FILE, command
from scorecore.record.log.log import Log
from scorecore.record.log.timestamps import find_timestamps, read_certificates
from scorecore_cli.main import scorecore

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed")
CONFIGURATION: Final = """
[ req ]
distinguished_name = dn
prompt = no
[ dn ]
CN = Test
[ root ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[ authority ]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ tsa ]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)  # noqa: S607  where the system has it


def make_authority(name: str) -> None:
    """A root certificate, and one of an authority under it."""
    Path("tsa.cnf").write_text(CONFIGURATION, encoding="ascii")
    Path("serial").write_text("01", encoding="ascii")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf")
    openssl(
        "req",
        "-x509",
        *new,
        "-keyout",
        f"{name}.key",
        "-out",
        f"{name}.pem",
        "-subj",
        f"/CN={name}",
        "-extensions",
        "root",
    )
    openssl("req", *new, "-keyout", f"{name}-tsa.key", "-out", f"{name}.csr", "-subj", f"/CN={name} authority")
    signed = ("x509", "-req", "-in", f"{name}.csr", "-CA", f"{name}.pem", "-CAkey", f"{name}.key", "-CAcreateserial")
    openssl(*signed, "-out", f"{name}-tsa.pem", "-extfile", "tsa.cnf", "-extensions", "authority")


def stamp(name: str, query: str, reply: str) -> None:
    """What the authority answers."""
    key = ("-signer", f"{name}-tsa.pem", "-inkey", f"{name}-tsa.key")
    openssl("ts", "-reply", "-queryfile", query, *key, "-out", reply, "-config", "tsa.cnf", "-section", "tsa")


def invoke(line: str) -> tuple[int, str]:
    result = CliRunner().invoke(scorecore, line.split(), catch_exceptions=False)
    return result.exit_code, result.output


def test_a_time_stamp_counts_only_under_a_certificate_that_the_verifier_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_authority("one")
    make_authority("two")
    command(f"scorecore record begin {RECORD_FILE} --single-operator")
    command(f"scorecore record timestamp query {RECORD_FILE} --out query.tsq")
    stamp("one", "query.tsq", "reply.tsr")
    assert invoke(f"record timestamp add {RECORD_FILE} reply.tsr --tsa two.pem")[0] == 1
    code, said = invoke(f"record timestamp add {RECORD_FILE} reply.tsr --tsa one.pem")
    assert (code, "the first 1 entry existed at" in said) == (0, True)
    code, said = invoke(f"record verify {RECORD_FILE} --tsa one.pem")
    assert (code, "the first 1 entry existed at" in said) == (3, True)  # it says when, and is no anchor
    assert "no time-stamp" in invoke(f"record verify {RECORD_FILE} --tsa two.pem")[1]
    with Log.open(RECORD_FILE) as log:
        assert [each.size for each in find_timestamps(log, read_certificates(Path("one.pem").read_bytes()))] == [1]
    for change in (Path("query.tsq").read_bytes(), Path("reply.tsr").read_bytes()[:-9], b"", b"x" * 100):
        Path("other.tsr").write_bytes(change)
        assert invoke(f"record timestamp add {RECORD_FILE} other.tsr --tsa one.pem")[0] == 1
    Path("data.txt").write_text("something else", encoding="ascii")
    openssl("ts", "-query", "-data", "data.txt", "-sha256", "-cert", "-out", "data.tsq")
    stamp("one", "data.tsq", "data.tsr")
    assert invoke(f"record timestamp add {RECORD_FILE} data.tsr --tsa one.pem")[0] == 1
