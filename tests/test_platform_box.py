"""The box asks for Docker's defaults, and tells a hole from a run that went well."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))  # where the scripts for developers are

from platform_box import (  # noqa: E402
    __main__ as box,
)
from platform_box import (  # noqa: E402
    course,
    harness,
    oci,
    rootfs,
    verdict,
)

HERE = oci.Machine(architecture="x86_64", kernel=(6, 1))
PROFILE = {  # in the form of Docker's, which is not ours to keep here
    "defaultAction": "SCMP_ACT_ERRNO",
    "archMap": [
        {
            "architecture": "SCMP_ARCH_X86_64",
            "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        },
        {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": None},
    ],
    "syscalls": [
        {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": []},
        {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
        {"names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64"]}},
        {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"names": ["chroot"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_CHROOT"]}},
        {
            "names": ["clone"],
            "action": "SCMP_ACT_ALLOW",
            "args": [{"index": 0, "value": 0x7E020000, "op": "SCMP_CMP_MASKED_EQ"}],
            "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390x"]},
        },
        {
            "names": ["clone3"],
            "action": "SCMP_ACT_ERRNO",
            "errnoRet": 38,
            "excludes": {"caps": ["CAP_SYS_ADMIN"]},
        },
    ],
}
BITS = {  # linux/capability.h
    "CAP_CHOWN": 0,
    "CAP_DAC_OVERRIDE": 1,
    "CAP_FOWNER": 3,
    "CAP_FSETID": 4,
    "CAP_KILL": 5,
    "CAP_SETGID": 6,
    "CAP_SETUID": 7,
    "CAP_SETPCAP": 8,
    "CAP_NET_BIND_SERVICE": 10,
    "CAP_NET_RAW": 13,
    "CAP_SYS_CHROOT": 18,
    "CAP_MKNOD": 27,
    "CAP_AUDIT_WRITE": 29,
    "CAP_SETFCAP": 31,
}


def config(**changes):
    options = {
        "args": ["/bin/true"],
        "env": {"PATH": "/bin"},
        "root": Path("/root-of-the-box"),
        "profile": PROFILE,
        "machine": HERE,
        "network": False,
        "limits": True,
    }
    return oci.config(**{**options, **changes})


def allowed(machine=HERE, **options):
    rules = oci.seccomp(PROFILE, machine, **options)["syscalls"]
    return {name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}


def test_capabilities_are_the_fourteen_that_docker_gives():
    assert sum(1 << BITS[name] for name in oci.CAPABILITIES) == oci.CAPABILITY_MASK
    given = config()["process"]["capabilities"]
    assert set(given) == {"bounding", "effective", "permitted"}  # none inheritable, none ambient
    assert all(set(names) == BITS.keys() for names in given.values())


def test_rules_of_the_profile_count_where_their_conditions_hold():
    assert allowed() == {"read", "write", "ptrace", "arch_prctl", "chroot", "clone"}
    assert "ptrace" not in allowed(oci.Machine(architecture="x86_64", kernel=(4, 7)))
    assert "arch_prctl" not in allowed(oci.Machine(architecture="aarch64", kernel=(6, 1)))
    assert "chroot" not in allowed(capabilities=[])
    mighty = allowed(capabilities=["CAP_SYS_ADMIN"])
    assert "mount" in mighty
    assert "clone" not in mighty


def test_filter_keeps_arguments_and_error_numbers_and_refuses_the_rest():
    found = oci.seccomp(PROFILE, HERE)

    assert found["defaultAction"] == "SCMP_ACT_ERRNO"
    assert found["defaultErrnoRet"] == 1
    assert found["architectures"] == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    rules = {rule["names"][0]: rule for rule in found["syscalls"]}
    assert rules["read"] == {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"}
    assert rules["clone"]["args"][0]["value"] == 0x7E020000
    assert rules["clone3"]["errnoRet"] == 38


def test_machine_is_read_from_what_uname_says():
    assert oci.Machine.read("aarch64", "6.1.0-18-arm64").kernel == (6, 1)


def test_proc_is_masked_and_sys_is_read_only():
    linux = config()["linux"]
    assert {"/proc/kcore", "/proc/keys", "/sys/firmware"} <= set(linux["maskedPaths"])
    assert "/proc/sys" in linux["readonlyPaths"]
    options = {mount["destination"]: mount["options"] for mount in config()["mounts"]}
    assert "ro" in options["/sys"]
    assert "ro" in options["/sys/fs/cgroup"]
    assert {"nosuid", "noexec", "nodev"} <= set(options["/proc"])


def test_what_this_machine_lends_is_read_only():
    (lent,) = [
        mount
        for mount in config(binds=[(Path("/here/wheels"), "/wheels")])["mounts"]
        if mount["type"] == "bind"
    ]
    assert (lent["source"], lent["destination"]) == ("/here/wheels", "/wheels")
    assert "ro" in lent["options"]


def test_memory_and_cpu_are_those_of_the_smallest_container():
    resources = config()["linux"]["resources"]
    assert resources["memory"] == {"limit": 768 * 1024 * 1024}
    assert resources["cpu"]["quota"] / resources["cpu"]["period"] == 0.5
    assert config()["process"]["rlimits"] == []


def test_without_control_groups_memory_is_limited_per_process():
    found = config(limits=False)
    assert {"memory", "cpu"}.isdisjoint(found["linux"]["resources"])
    (limit,) = found["process"]["rlimits"]
    assert limit == {"type": "RLIMIT_AS", "soft": 768 << 20, "hard": 768 << 20}


@pytest.mark.parametrize("network", [True, False])
def test_network_is_shared_for_set_up_only(network):
    kinds = {space["type"] for space in config(network=network)["linux"]["namespaces"]}
    assert {"mount", "pid", "ipc", "uts"} <= kinds
    assert ("network" in kinds) is not network


def test_config_is_json_and_has_no_filter_without_a_profile():
    json.dumps(config(unified=True), allow_nan=False)
    assert "seccomp" not in config(profile=None)["linux"]


def test_box_sees_only_what_set_up_needs_of_this_environment(monkeypatch, tmp_path):
    for name in os.environ:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CERT", "/etc/ssl/certs/some.crt")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")

    environment = rootfs.network_environment()

    assert environment.keys() == {"PIP_FIND_LINKS", "PIP_CERT"}
    lent = rootfs.binds(environment)
    assert (tmp_path, str(tmp_path)) in lent
    assert not [path for path, _ in lent if path.is_relative_to("/etc/ssl")]


def test_attackers_are_told_all_but_what_only_the_box_knows():
    assert course.told("@ROOT@ @GRADER@", "/site") == f"/autograder/source {harness.ASKS_PID}"
    with pytest.raises(ValueError, match="ask for @SHOE@"):
        course.told("@ROOT@ @SHOE@", "/site")


@pytest.fixture(scope="module")
def toy_cases(tmp_path_factory):
    return course.toy_cases(tmp_path_factory.mktemp("toy"), site_packages="/site")


def test_toy_has_its_reference_and_ten_attacks(toy_cases):
    honest, *attacks = toy_cases
    assert (honest.score, honest.expect) == (100, "")
    assert [case.name for case in attacks] == list(course.ATTACKS)
    assert len(attacks) == 10
    assert all(case.score == 0 and case.expect for case in attacks)
    assert {layer for layer, _ in (case.name.split("/") for case in attacks)} >= {
        "verdict",
        "process",
        "kernel",
        "resources",
    }


def test_canaries_are_in_the_private_files_of_the_toy_alone(toy_cases):
    canaries = toy_cases[1].canaries
    where = {place: [] for place in canaries}
    with zipfile.ZipFile(toy_cases[1].bundle) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode()
            for place, canary in canaries.items():
                where[place] += [name] if canary in text else []
    assert where == {
        "hidden": ["solutions/hw0_toy/hidden_tests/test_add.py"],
        "reference": ["solutions/hw0_toy/toy.py"],
        "environment": [],
        "seed": ["secret"],
    }


CASE = course.Case("attack", Path("toy.zip"), {}, 0, r"file: refused", {"hidden": "CANARY-1"})
GOOD = {
    "exit_code": 0,
    "seconds": 1.5,
    "largest_process_kb": 2048,
    "processes_left": [],
    "files_left": [],
    "connections": 0,
    "peak": 3 << 20,
    "killed": 0,
}
RESULTS = {"score": 0, "tests": [{"name": "add", "score": 0, "max_score": 1, "output": "wrong"}]}
LOG = "isolation: strong\nisolation: seccomp: 400 instructions\nfile: refused (EACCES)\n"


def judged(folder, case=CASE, results=RESULTS, log=LOG, **report):
    text = results if isinstance(results, str) else json.dumps(results)
    (folder / "results.json").write_text(text)
    (folder / "stdout").write_text(log)
    return verdict.judge(case, folder, {**GOOD, **report})


def test_run_that_went_well_is_defended(tmp_path):
    outcome = judged(tmp_path)

    assert outcome.problems == ()
    assert outcome.verdict == "defended"
    assert (outcome.level, outcome.layers) == ("strong", ("seccomp: 400 instructions",))
    assert (outcome.peak_mb, outcome.largest_mb) == (3, 2)
    assert box.row(outcome).split() == ["attack", "0", "1.5", "3", "2", "strong", "defended"]
    assert judged(tmp_path, replace(CASE, expect="")).verdict == "as expected"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"results": {**RESULTS, "score": 1}}, "score 1 instead of 0"),
        ({"results": "{"}, "results.json is not JSON"),
        ({"results": {"score": 0, "tests": {}}}, "results.json: $.tests"),
        ({"exit_code": 3}, "run_autograder ended with exit code 3"),
        ({"exit_code": None}, "killed after"),
        ({"killed": 2}, "the box ran out of memory: 2 processes killed"),
        ({"processes_left": ["sleep"]}, "processes left: ['sleep']"),
        ({"files_left": ["/tmp/drop"]}, "files left: /tmp/drop"),
        ({"connections": 1}, "somebody connected"),
        ({"log": "isolation: strong\n"}, "no sign that the attack took place"),
        ({"log": f"{LOG}memory: GOT b'x'\n"}, "it got something: memory: GOT b'x'"),
        ({"log": f"{LOG}CANARY-1\n"}, "the canary of the hidden is in the log"),
        ({"results": {**RESULTS, "output": "CANARY-1"}}, "the canary of the hidden is in results"),
        ({"results": {**RESULTS, "output": "a = 1000000.5"}}, "a hidden input is in results.json"),
    ],
)
def test_each_hole_is_found(tmp_path, changes, problem):
    outcome = judged(tmp_path, **changes)

    assert outcome.verdict == "FAILED"
    assert any(problem in text for text in outcome.problems), outcome.problems


def test_results_folder_that_an_attack_has_emptied_is_a_hole(tmp_path):
    outcome = verdict.judge(CASE, tmp_path, GOOD)

    assert "results/stdout is gone" in outcome.problems


def test_suite_without_pins_is_left_out_and_said(monkeypatch, capsys):
    versions = {"bookworm": "3.11", "forky": "3.99", "nowhere": ""}
    monkeypatch.setattr(rootfs, "python_of", lambda suite, archive: versions[suite])

    assert box.choose_suites(list(versions), "archive") == {"bookworm": "3.11"}

    said = capsys.readouterr().out
    assert "forky brings Python 3.99, for which the bundle has no pins: left out" in said
    assert "nowhere is not in this machine's archive: left out" in said


def test_container_that_is_not_as_asked_for_ends_everything():
    (runc, *_, chroot) = box.runtimes.candidates(PROFILE)
    report = {"capabilities": oci.CAPABILITY_MASK, "limit": oci.MEMORY_BYTES, "seccomp": 2}

    box.check_container(runc, report)
    box.check_container(chroot, {**report, "limit": None, "seccomp": 0})

    for change in ({"capabilities": 0x1FFFFFFFFFF}, {"limit": None}, {"seccomp": 0}):
        with pytest.raises(SystemExit, match="another container than asked for"):
            box.check_container(runc, {**report, **change})


@pytest.mark.full
def test_bundle_works_and_is_safe_in_the_box():
    if reason := box.missing():
        pytest.skip(reason)
    if lacking := [tool for tool in rootfs.TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"{' and '.join(lacking)} not installed; make test-platform installs them")
    done = subprocess.run(
        [sys.executable, "-m", "platform_box", "--suite", rootfs.SUITES[0]],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tools")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == box.NO_BOX:
        pytest.skip(f"no container can be entered here: {done.stdout[-500:]}")
    assert done.returncode == 0, done.stdout + done.stderr
