from __future__ import annotations

import random

from chalknet.runtime.queue import FairQueue


def filled(*runs: str) -> FairQueue:
    """A run's first letter is its owner."""
    queue = FairQueue()
    for run in runs:
        queue.push(run, run[0])
    return queue


def drained(queue: FairQueue) -> list[str]:
    order = []
    while (run := queue.pop()) is not None:
        order.append(run)
    return order


def test_one_owner_is_served_in_order_of_arrival():
    assert drained(filled("a1", "a2", "a3")) == ["a1", "a2", "a3"]


def test_owners_take_turns():
    assert drained(filled("a1", "a2", "a3", "b1", "c1", "b2")) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_who_was_just_served_gives_way_to_who_comes_later():
    queue = filled("a1")
    assert queue.pop() == "a1"
    queue.push("a2", "a")
    queue.push("b1", "b")
    assert queue.order() == ["b1", "a2"]
    assert drained(queue) == ["b1", "a2"]


def test_a_removed_run_is_gone_and_the_others_move_up():
    queue = filled("a1", "b1", "a2")
    assert queue.remove("a1")
    assert not queue.remove("a1")
    assert queue.order() == ["b1", "a2"]
    assert len(queue) == 2


def test_the_order_told_is_the_order_served_whatever_happened_before():
    random_ = random.Random(0)
    for _ in range(200):
        queue, names = FairQueue(), iter(range(100))
        for _ in range(random_.randrange(30)):
            action = random_.random()
            if action < 0.6:
                queue.push(f"run{next(names)}", random_.choice("abcd"))
            elif action < 0.8:
                queue.pop()
            elif queue.order():
                assert queue.remove(random_.choice(queue.order()))
        told = queue.order()
        assert len(told) == len(queue)
        assert drained(queue) == told
