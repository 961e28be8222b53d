"""Reports that a person or cron asks for, beside workers that mail the same ones."""

from pathlib import Path

from check_compose.sending import PATIENCE, Sending
from fedora_openqa.model.deliveries import Delivered
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from tests.support.fakes import FakeOpenQA

COMPOSE = "Fedora-Rawhide-20261120.n.0"


class Beside:
    """Another process, which leases the report first, and mails it after some looks of ours."""

    def __init__(self, folder: Path, *, looks: int) -> None:
        engine = open_engine(f"sqlite:///{folder}/store.db")
        self.subjects, self.deliveries = Subjects(engine), Deliveries(engine)
        self.looks = looks
        self.waited = 0.0

    def work(self) -> bool:
        if not self.waited:
            self.lease = self.subjects.lease("other", ["mail"], seconds=60.0)
        return False

    def sleep(self, seconds: float) -> None:
        self.waited += seconds
        self.looks -= 1
        if self.looks == 0:
            assert self.lease
            ledger = self.deliveries.ledger(self.lease)
            (due,) = ledger.due()
            ledger.intend({due.item: "PASSED"})
            ledger.record([(due, Delivered("PASSED", reference="<1@example.org>"))])

    def sending(self) -> Sending:
        return Sending(self.deliveries, NoComposes(), FakeOpenQA(), self.work, sleep=self.sleep)


class NoComposes:
    name = "composes"
    current = True

    def events(self, *, since: float, until: float) -> tuple[()]:
        raise NotImplementedError


def test_what_a_worker_mails_at_this_moment_is_waited_for(tmp_path: Path) -> None:
    sent = Beside(tmp_path, looks=3).sending().send([COMPOSE])[COMPOSE]
    assert sent
    assert sent.reference == "<1@example.org>"


def test_a_worker_that_does_not_mail_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    beside = Beside(tmp_path, looks=1000)
    sent = beside.sending().send([COMPOSE])[COMPOSE]
    assert sent
    assert sent.reference is None
    assert beside.waited == PATIENCE
