"""States and drivers, in words."""

from __future__ import annotations

from enum import StrEnum

from ui.words.text import Text, Texts


class Words:
    """What each is called."""

    STATES = Texts[str](
        {
            "queued": Text("queued", "排队中"),
            "running": Text("running", "运行中"),
            "succeeded": Text("succeeded", "成功"),
            "failed": Text("failed", "失败"),
            "cancelled": Text("cancelled", "已取消"),
            "pending": Text("pending", "未开始"),
            "waiting": Text("waiting", "等待中"),
            "cached": Text("cached", "已缓存"),
            "skipped": Text("skipped", "已跳过"),
            "starting": Text("starting", "启动中"),
            "ready": Text("ready", "就绪"),
            "manual": Text("manual", "手动"),
            "timed": Text("timed", "定时"),
            "backfill": Text("backfill", "重跑"),
            "parameter": Text("parameter", "参数"),
            "held": Text("waiting for its turn", "等待轮次"),
            "paused": Text("paused", "已暂停"),
            "stopped": Text("stopped", "已停止"),
            "finished": Text("finished", "已完成"),
            "unmeasured": Text("without its number", "缺少目标值"),
        }
    )


def say_state(state: StrEnum) -> str:
    """The word for it; its own where there is none."""
    return say_word(state.value)


def say_word(state: str) -> str:
    """The same of one that is a plain text."""
    return Words.STATES.get(state, str(state))
