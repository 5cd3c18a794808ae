"""The authority in the data folder: what it makes, keeps, ends, and says when it cannot be read."""

import datetime
import multiprocessing
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from leyline.cluster import certificates, join_file
from leyline.cluster.certificates import Authority, NameInUse, NoSuchName, Standing
from leyline.errors import StartupError

ADDRESS = "front.example.org:8786"
YEAR = timedelta(days=365)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_authority_is_made_once_and_kept(tmp_path: Path) -> None:
    first = Authority(tmp_path)
    made = first.issue(ADDRESS, "gpu", YEAR)
    again = Authority(tmp_path)
    assert again.certificate == first.certificate == made.authority
    assert [each.name for each in again.issued()] == ["gpu"]


def _certificate(folder: Path, made: "multiprocessing.SimpleQueue[str]") -> None:
    made.put(Authority(folder).certificate)


@pytest.mark.slow
def test_processes_that_make_it_at_once_make_one(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    made: multiprocessing.SimpleQueue[str] = spawn.SimpleQueue()
    processes = [spawn.Process(target=_certificate, args=(tmp_path, made)) for _ in range(4)]
    for process in processes:
        process.start()
    assert len({made.get() for _ in processes}) == 1
    for process in processes:
        process.join()


def test_all_that_is_written_is_for_its_owner_alone(authority: Authority) -> None:
    authority.own()
    authority.issue(ADDRESS, "gpu", YEAR)
    files = [path for path in authority.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"authority.pem", "revoked.pem", "front-door.pem", "gpu.pem", "lock"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    folders = [authority.folder, authority.folder / "workers"]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_a_workers_key_is_not_kept_here(authority: Authority) -> None:
    key = authority.issue(ADDRESS, "gpu", YEAR).key
    assert all(key not in path.read_text() for path in authority.folder.rglob("*") if path.is_file())


def test_each_file_is_durable_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def seen_fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        assert path.is_dir() or path.read_text().endswith("-----\n")
        steps.append(f"fsync {path.name}")
        fsync(descriptor)

    def seen_rename(self: Path, target: Path) -> Path:
        steps.append(f"rename {self.name}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "rename", seen_rename)
    Authority(tmp_path)
    assert steps == [
        "fsync revoked.pem.part",  # an authority without a list never is
        "rename revoked.pem.part",
        "fsync cluster",
        "fsync authority.pem.part",
        "rename authority.pem.part",
        "fsync cluster",
    ]


def test_what_a_crash_left_half_written_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    for name in ("authority.pem.part", "revoked.pem.part"):
        (tmp_path / "cluster" / name).write_text("-----BEGIN")
    assert Authority(tmp_path).issue(ADDRESS, "gpu", YEAR).name == "gpu"


@pytest.mark.parametrize("name", ["authority.pem", "revoked.pem", "front-door.pem", "workers/gpu.pem"])
@pytest.mark.parametrize("damage", ["empty", "half", "noise"])
def test_what_is_damaged_is_told_in_a_sentence_and_not_replaced(
    authority: Authority, name: str, damage: str
) -> None:
    authority.own()
    authority.issue(ADDRESS, "gpu", YEAR)
    path = authority.folder / name
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "noise": bytes(range(256))}[damage])
    left = path.read_bytes()
    with pytest.raises(StartupError, match=r"is damaged\. .*\.$"):
        again = Authority(authority.folder.parent)
        again.own()
        again.issued()
    assert path.read_bytes() == left


def test_a_list_of_revocations_that_is_gone_is_not_an_empty_one(authority: Authority) -> None:
    authority.revocations_file.unlink()
    with pytest.raises(StartupError, match="Without it nobody knows what was revoked"):
        Authority(authority.folder.parent)


def test_another_authoritys_list_of_revocations_is_not_taken(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    shutil.copy(other.revocations_file, authority.revocations_file)
    with pytest.raises(StartupError, match=r"revoked\.pem is damaged"):
        authority.revoked_serials()


def test_what_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cluster").write_text("a file")
    with pytest.raises(StartupError, match="cannot be read or made"):
        Authority(tmp_path)


def test_names_are_given_and_used_once(authority: Authority) -> None:
    assert [authority.issue(ADDRESS, "", YEAR).name for _ in range(3)] == ["worker-1", "worker-2", "worker-3"]
    with pytest.raises(NameInUse, match=r"as worker-2 already, until .* --revoke worker-2$"):
        authority.issue(ADDRESS, "worker-2", YEAR)


def test_a_name_is_free_again_when_it_was_revoked_and_the_old_one_stays_so(authority: Authority) -> None:
    authority.issue(ADDRESS, "gpu", YEAR)
    old = authority.revoke("gpu")
    authority.issue(ADDRESS, "gpu", YEAR)
    (new,) = authority.issued()
    assert (new.standing, new.serial != old.serial) == (Standing.VALID, True)
    assert authority.revoked_serials() == {old.serial}


def test_a_name_is_free_again_when_it_has_expired(authority: Authority) -> None:
    authority.issue(ADDRESS, "gpu", timedelta(seconds=-1))
    assert authority.issued()[0].standing is Standing.EXPIRED
    authority.issue(ADDRESS, "gpu", YEAR)


@pytest.mark.parametrize("name", ["../gpu", "-gpu", "a b", "x" * 64, "gpu\n", "ä"])
def test_a_name_that_could_be_anything_else_is_refused(authority: Authority, name: str) -> None:
    with pytest.raises(StartupError, match="is no name for a worker"):
        authority.issue(ADDRESS, name, YEAR)


def test_revoking_is_kept_can_be_repeated_and_wants_a_name_that_is_known(authority: Authority) -> None:
    serials = set()
    for name in ("one", "two", "three"):
        authority.issue(ADDRESS, name, YEAR)
        serials.add(authority.revoke(name).serial)
        authority.revoke(name)
    assert Authority(authority.folder.parent).revoked_serials() == serials
    with pytest.raises(NoSuchName, match="four"):
        authority.revoke("four")


def test_each_list_of_revocations_begins_later_than_the_one_before(authority: Authority) -> None:
    begins = []
    for number in range(3):
        revocations = x509.load_pem_x509_crl(authority.revocations_file.read_bytes())
        begins.append(revocations.last_update_utc)
        authority.issue(ADDRESS, f"gpu-{number}", YEAR)
        authority.revoke(f"gpu-{number}")
    assert begins == sorted(set(begins))


def test_certificates_begin_a_day_earlier_for_clocks_that_are_behind(authority: Authority) -> None:
    made = authority.issue(ADDRESS, "gpu", YEAR)
    now = datetime.datetime.now(datetime.UTC)
    for pem in (made.certificate, made.authority, authority.own().read_text()):
        begins = x509.load_pem_x509_certificate(pem.encode()).not_valid_before_utc
        assert timedelta(hours=23) < now - begins < timedelta(hours=25)


def test_the_front_doors_own_is_kept_and_made_anew_a_month_before_its_end(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = authority.own().read_text()
    assert authority.own().read_text() == first
    later = datetime.datetime.now(datetime.UTC) + timedelta(days=certificates.OWN_DAYS - certificates.RENEW_DAYS)
    monkeypatch.setattr(certificates, "_now", lambda: later)
    second = authority.own().read_text()
    assert second != first
    assert x509.load_pem_x509_certificate(second.encode()).not_valid_after_utc > later + timedelta(days=80)


def test_the_front_doors_own_is_made_anew_when_the_authority_is_another(authority: Authority) -> None:
    first = authority.own().read_bytes()
    for name in ("authority.pem", "revoked.pem"):
        (authority.folder / name).unlink()
    again = Authority(authority.folder.parent)
    assert again.own().read_bytes() != first


def test_nothing_outlives_the_authority(authority: Authority) -> None:
    with pytest.raises(StartupError, match=r"The authority itself ends on \d{4}"):
        authority.issue(ADDRESS, "gpu", timedelta(days=certificates.AUTHORITY_DAYS + 1))
    assert authority.issued() == []


# The join file


def test_a_join_file_is_read_as_it_was_made(authority: Authority, tmp_path: Path) -> None:
    made = authority.issue(ADDRESS, "gpu", YEAR)
    path = tmp_path / "worker.join"
    path.write_text(made.text())
    assert join_file.read(path) == made
    path.write_bytes(made.text().replace("\n", "\r\n").rstrip().encode())  # as it comes through some hands
    assert join_file.read(path) == made


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is no join file"),
        ("-----BEGIN CERTIFICATE-----\n", "is no join file"),
        ("x" * 100_000, "is no join file"),
        ("Leyline join file 2\n", "is of another release of Leyline"),
        ("Leyline join file 1\naddress: a:1\nname: gpu\n", "is damaged or cut off"),
    ],
)
def test_what_is_no_join_file_is_told_so(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "worker.join"
    path.write_text(text)
    with pytest.raises(StartupError, match=sentence):
        join_file.read(path)


def test_a_join_file_that_is_cut_off_anywhere_is_told_so_and_nothing_of_it(
    authority: Authority, tmp_path: Path
) -> None:
    text = authority.issue(ADDRESS, "gpu", YEAR).text()
    path = tmp_path / "worker.join"
    for end in range(30, len(text) - 1, 40):
        path.write_text(text[:end])
        with pytest.raises(StartupError, match="is damaged or cut off") as told:
            join_file.read(path)
        assert not set(told.value.detail.split()) & set(text.splitlines()[7:])


def test_a_join_file_with_anothers_key_is_damaged(authority: Authority, tmp_path: Path) -> None:
    one, two = (authority.issue(ADDRESS, name, YEAR) for name in ("one", "two"))
    path = tmp_path / "worker.join"
    path.write_text(one.text().replace(one.key, two.key))
    with pytest.raises(StartupError, match="is damaged"):
        join_file.read(path)


@pytest.mark.parametrize(("mode", "is_open"), [(0o600, False), (0o640, True), (0o604, True), (0o400, False)])
def test_a_join_file_that_others_can_read_is_found_out(tmp_path: Path, mode: int, is_open: bool) -> None:
    path = tmp_path / "worker.join"
    path.touch()
    path.chmod(mode)
    assert join_file.is_open_to_others(path) == is_open


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize(("mode", "is_open"), [(0o440, False), (0o444, True)])
def test_a_secret_that_kubernetes_gives_by_a_group_is_not_open(tmp_path: Path, mode: int, is_open: bool) -> None:
    path = tmp_path / "worker.join"
    path.touch()
    path.chmod(mode)
    os.chown(path, 1000, 0)
    assert join_file.is_open_to_others(path) == is_open


@pytest.mark.parametrize(
    ("text", "parts"),
    [("front:8786", ("front", 8786)), ("[::1]:1", ("::1", 1)), ("10.0.0.7:65535", ("10.0.0.7", 65535))],
)
def test_an_address_is_a_host_and_a_port(text: str, parts: tuple[str, int]) -> None:
    assert join_file.address(text) == parts


@pytest.mark.parametrize(
    "text", ["front", "front:", ":8786", "front:0", "front:70000", "::1:8786", "tls://a:1", "a b:1"]
)
def test_what_is_no_host_and_port_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        join_file.address(text)


def test_a_worker_hears_in_time_that_its_certificate_ends(authority: Authority) -> None:
    made = authority.issue(ADDRESS, "gpu", YEAR)
    assert made.news(made.until - timedelta(days=20)) is None
    assert "ends in 9 days" in (made.news(made.until - timedelta(days=9)) or "")
    assert "ends within two days" in (made.news(made.until - timedelta(hours=9)) or "")
    assert "has ended" in (made.news(made.until) or "")
