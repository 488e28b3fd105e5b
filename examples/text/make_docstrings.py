"""Writes docstrings.csv: how docstrings in installed packages begin, and whether a class or a function has them."""

import ast
import importlib.util
from pathlib import Path

import pandas as pd

PACKAGES = ("numpy", "pandas", "sklearn", "scipy", "torch", "pyarrow", "streamlit", "ray", "tensorflow", "keras")


def make_docstrings(packages=PACKAGES, most=7600, seed=0):
    """As many of classes as of functions, and at most so many of each; a text that both have is left out."""
    found = {}
    for package in packages:
        folder = Path(importlib.util.find_spec(package).submodule_search_locations[0])
        for path in sorted(folder.rglob("*.py")):
            if "test" not in path.relative_to(folder).as_posix():
                for text, label in read_docstrings(path):
                    found.setdefault(text, set()).add(label)
    rows = pd.DataFrame([(text, *labels) for text, labels in found.items() if len(labels) == 1])
    rows.columns = ["text", "label"]
    count = min(most, rows["label"].value_counts().min())
    return rows.groupby("label").sample(count, random_state=seed).sample(frac=1, random_state=seed)


def read_docstrings(path):
    """The first paragraph of each docstring of a file, on one line."""
    try:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    except (SyntaxError, ValueError):
        return
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            text = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
            if 5 <= len(text.split()) <= 40:
                yield text, "class" if isinstance(node, ast.ClassDef) else "function"


if __name__ == "__main__":
    make_docstrings().to_csv("docstrings.csv", index=False)
