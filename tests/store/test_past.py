"""A past that is stored all at once: what is stored already stays as it is."""

from dataclasses import replace

from sqlalchemy import Engine

from fedora_openqa.model.deliveries import Delivery, DeliveryState
from fedora_openqa.model.stories import SeenMessage
from fedora_openqa.model.work import SubjectState, Wanted
from fedora_openqa.store.past import Past
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from tests.support.stored_jobs import product, story


def test_a_story_is_read_as_it_was_told(engine: Engine) -> None:
    told = replace(
        story(product(7, 8), product(9, number=2), number=2, key="compose:C"),
        asked=5.0,
        messages=(SeenMessage("m", 4.0),),
    )
    done = Delivery(item="7", number=1, state=DeliveryState.DELIVERED, told="PASSED", asked=6.0)
    sink = replace(story(state=SubjectState.REPORTED, key="wiki:C"), deliveries=(done,))
    Past(engine).tell([told, sink])
    stories = Stories(engine)
    assert stories.find("compose:C") == (told,)
    assert stories.find("wiki:C") == (sink,)


def test_what_is_stored_stays_as_it_is(engine: Engine) -> None:
    Subjects(engine).want(Wanted("compose:C", "compose", {"location": "x"}), message_id="m1")
    before = Stories(engine).find("compose:C")
    past = Past(engine)
    past.tell([story(product(7), key="compose:C")])
    past.tell([])
    assert Stories(engine).find("compose:C") == before
