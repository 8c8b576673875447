"""A cluster for homes, encrypted, whose bundle is replaced while it answers."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from time import sleep

import pytest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.cluster.simulated_cameras import Crowd, Pictures

from .crowds import Watched, failures, told
from .machines import INGRESS, Machine, listening, machine

CERTIFICATE = "openssl req -x509 -nodes -days 2 -subj /CN=here -out cert.pem -keyout key.pem"


@dataclass(frozen=True)
class Upgradable:
    machine: Machine
    bundle: Path
    token: str

    def crowd(self, pictures: Pictures, token: str) -> Crowd:
        return Crowd(
            cameras=10,
            fps=2,
            pictures=pictures,
            servers=[f"https://127.0.0.1:{self.machine.port}"],
            headers={"Authorization": f"Bearer {token}"},
        )


@pytest.fixture(scope="module")
def upgradable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgradable]:
    folder = tmp_path_factory.mktemp("upgrade")
    subprocess.run(CERTIFICATE.split(), cwd=folder, check=True, capture_output=True)
    bundle = copytree(default_bundle(), folder / "bundle")
    homes = folder / "homes.json"
    command = [sys.executable, "-m", "camclassify_core", "homes", "add", "school", "--json"]
    made = subprocess.run([*command, "--homes", homes], check=True, capture_output=True, text=True)
    words = ["--engines", "2", "--host", "0.0.0.0", "--homes", str(homes), "--bundle", str(bundle)]
    words += ["--certificate", str(folder / "cert.pem"), "--key", str(folder / "key.pem")]
    with machine(*words) as started:
        started.wait_until("Ready")
        yield Upgradable(started, bundle, json.loads(made.stdout)["token"])


def test_it_listens_elsewhere_only_where_it_was_told(upgradable: Upgradable) -> None:
    started = upgradable.machine
    assert listening(started.processes(INGRESS)) == {("0.0.0.0", started.port)}
    others = {each for each in listening(started.processes()) if each[1] != started.port}
    assert {address for address, _ in others} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def test_a_wrong_token_is_refused(
    upgradable: Upgradable, photograph: Callable[[str], bytes]
) -> None:
    picture = photograph("dog.jpg")
    looks = Watched(upgradable.crowd(lambda *_: picture, "wrong"), 1).join()
    assert looks
    assert all(each.error.startswith("401 ") for each in looks)


def test_a_new_bundle_is_taken_without_a_gap(
    upgradable: Upgradable, photograph: Callable[[str], bytes]
) -> None:
    picture = photograph("dog.jpg")
    watched = Watched(upgradable.crowd(lambda *_: picture, upgradable.token), 45)
    sleep(3)
    manifest = upgradable.bundle / "bundle.json"
    said = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(said | {"version": "next"}))
    os.kill(upgradable.machine.process.pid, signal.SIGHUP)
    looks = watched.join()

    print(told(looks, looks[0].asked))
    versions = [each.answer.model_version for each in looks if each.answer]
    assert any("Deployed anew" in line for line in upgradable.machine.lines)
    assert not failures(looks)
    assert versions[0] == said["version"]
    assert set(versions[-10:]) == {"next"}
