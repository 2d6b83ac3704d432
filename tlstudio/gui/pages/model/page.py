"""The Model page: which backbone, what stays frozen, which head, which strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.core.errors import UserError
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.filter import counts
from tlstudio.gui.pages.model.backbones import BackbonePanel
from tlstudio.gui.pages.model.choice import (
    Choice,
    choose_backbone,
    choose_freeze,
    choose_strategy,
    strategy_of,
)
from tlstudio.gui.pages.model.cost import NOT_MEASURED, CostCard, Estimator
from tlstudio.gui.pages.model.facts import FactsCard, WordsCard, choice_facts, image_facts, start_title
from tlstudio.gui.pages.model.plan_text import good_to_know
from tlstudio.gui.pages.model.rate_finding import RateFinding
from tlstudio.gui.pages.model.settings import HeadCard, MoreSettings
from tlstudio.gui.pages.model.simple import SimplePanel, ViewSwitch
from tlstudio.gui.pages.model.stack import StackPanel
from tlstudio.gui.pages.model.strategy import StrategyCard, StrategyNeedsCard
from tlstudio.gui.pages.model.text import AUTO, STILL_READING, known_backbone, other_backbone
from tlstudio.gui.remembered import remember, remembered
from tlstudio.gui.widgets.basics.buttons import primary_button
from tlstudio.gui.widgets.basics.empty import EmptyState
from tlstudio.gui.widgets.basics.folding import SideColumns, Stack, scrolling
from tlstudio.models.catalogue import BackboneInfo, is_clip
from tlstudio.specs import STRATEGIES

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe

LEFT_PIXELS, RIGHT_PIXELS, LEAST_STACK_PIXELS = 304, 284, 300
VIEW, SIMPLE = "model view", "simple"


class ModelPage(QWidget):
    """Shows and edits the draft recipe: backbone, freeze line, head and strategy.

    Args:
        app_state: State of the window; every choice goes into its draft recipe at once.

    Signals:
        go_to: Id of the page to show.
    """

    go_to = Signal(str)
    title = "Model"

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._found_stages: dict[str, dict[str, Any]] = {}
        self._stages_requested: set[str] = set()
        self._given: dict[str, dict[str, Any]] = {}
        self._labelled: tuple[str, ...] = ()
        # Where a card lies is known only after the layout has run.
        self._scroll_timer = QTimer(self, interval=0, singleShot=True)
        self._scroll_timer.timeout.connect(self._scroll_to_needs)
        self._build()
        app_state.project_changed.connect(self._project_changed)
        app_state.recipe_changed.connect(self._refresh)
        app_state.images_changed.connect(self._refresh)
        app_state.training_changed.connect(self._show_readiness)
        app_state.folder.ended.connect(self._show_readiness)
        self._project_changed()

    def summary(self) -> str:
        """The small line below the page's name."""
        if self._app_state.project is None:
            return ""
        recipe = self._recipe()
        return start_title(recipe, self._info(recipe.backbone.id))

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the search, or the choice of the simple view."""
        super().showEvent(event)
        self._focus()
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop estimating the cost."""
        super().hideEvent(event)
        self.estimator.stop()
        self.simple.stop_measuring()

    # Building

    def _build(self) -> None:
        self.no_project = EmptyState(
            "First your images", "Open a folder of images first; then choose here what to train.",
            action="Choose images…",
        )  # fmt: skip
        self.no_project.action_requested.connect(self._go_home)
        self.backbones = BackbonePanel(self._app_state)
        self.backbones.chosen.connect(self._choose_backbone)
        self.backbones.state_changed.connect(self._refresh)
        self.backbones.weights_chosen.connect(self._choose_file)
        self.freezing = StackPanel()
        self.freezing.freeze_chosen.connect(self._choose_freeze)
        self.cost, self.head, self.strategy = CostCard(), HeadCard(), StrategyCard()
        self.needs = StrategyNeedsCard(self._app_state)
        self.more, self.choice = MoreSettings(), FactsCard("About this choice")
        self.rate_finding = RateFinding(self._app_state, self.more.find_rate)
        self.images, self.good_to_know = FactsCard("With these images"), WordsCard("Good to know")
        self.estimator = Estimator(self._app_state, self)
        self.simple, self.views = SimplePanel(self._app_state, estimator=self.estimator), ViewSwitch()
        self.simple.way_chosen.connect(self._choose_strategy)
        self.simple.cases.case_chosen.connect(self._choose_case)
        self.views.simple_chosen.connect(self.show_view)
        self.estimator.measured.connect(self._show_cost)
        self.estimator.failed.connect(self._not_measured)
        self.head.changed.connect(self._update_recipe)
        self.more.changed.connect(self._update_recipe)
        self.strategy.strategy_chosen.connect(self._choose_strategy)
        self.needs.changed.connect(self._update_recipe)
        self.needs.problem_changed.connect(self._show_readiness)
        self.reason = QLabel()
        self.reason.setProperty("muted", True)
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.train_button = primary_button("&Train →", tip="Start training with these settings")
        self.train_button.setSizePolicy(
            self.train_button.sizePolicy().Policy.Expanding, self.train_button.sizePolicy().verticalPolicy()
        )
        self.train_button.clicked.connect(self._train)
        cards = Stack(
            self.images, self.cost, self.good_to_know,
            self.head, self.strategy, self.needs, self.more, self.choice,
        )  # fmt: skip
        middle = QWidget()
        parts = QVBoxLayout(middle)
        parts.setContentsMargins(0, 0, 0, 0)
        self.simple_area = scrolling(Stack(self.simple, grows=0), name="What do you want?")
        self.stack_area = scrolling(Stack(self.freezing, grows=0), name="Frozen stages")
        for part in (self.stack_area, self.simple_area):
            parts.addWidget(part, 1)
        self._page = SideColumns(
            self.backbones,
            middle,
            cards,
            head=self.views,
            foot=Stack(self.reason, self.train_button, grows=0, spacing=8),
            widths=(LEFT_PIXELS, RIGHT_PIXELS),
            least_middle=LEAST_STACK_PIXELS,
        )
        self._page.right_area.setAccessibleName("Settings")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._page)
        self._stack.addWidget(self.no_project)
        self._show_parts()

    # Showing

    @Slot(bool)
    def show_view(self, simple: bool) -> None:
        """Show the simple view or all settings, also the next time."""
        remember(VIEW, SIMPLE if simple else "all")
        self._show_parts()
        self._show_readiness()
        self._focus()

    def _show_parts(self) -> None:
        simple = remembered(VIEW, default=SIMPLE) == SIMPLE
        self.views.show_view(simple=simple)
        plain: tuple[QWidget, ...] = (self.simple_area, self.images)
        detailed: tuple[QWidget, ...] = (self.stack_area, self.head, self.strategy, self.more, self.choice)
        for part in (*plain, *detailed):
            part.setVisible(simple == (part in plain))
        self._page.show_left(not simple)
        self._show_good_to_know()

    def _show_good_to_know(self) -> None:
        self.good_to_know.setVisible(not self.simple_area.isHidden() and bool(self.good_to_know.words.text()))

    def _focus(self) -> None:
        """Set the focus to where a key pressed by accident changes no setting."""
        if self.simple_area.isHidden():
            self.backbones.search.setFocus()
            self.backbones.scroll_to_chosen()
        else:
            self.simple.focus_choice()

    @Slot()
    def _project_changed(self) -> None:
        has_project = self._app_state.project is not None
        self._stack.setCurrentWidget(self._page if has_project else self.no_project)
        self.freezing.show_note("")
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        if self._app_state.project is None:
            return
        recipe = self._recipe()
        info = self._info(recipe.backbone.id)
        counted = counts(self._app_state.images())
        classes = sum(name is not None for name in counted.by_class)
        waiting = counted.by_split.get(None, 0)
        train_images = counted.to_learn_from(validation=recipe.split.validation, test=recipe.split.test)
        self.backbones.show_chosen(info.id)
        self.backbones.show_weights_file(recipe.backbone.weights_file, published=not is_clip(info.id))
        if not info.stages:
            self._find_stages(info.id)
        self.freezing.show_choice(info, recipe, classes=classes, train_images=train_images)
        for card in (self.head, self.strategy, self.more):
            card.show_recipe(recipe)
        self.needs.set_unlabelled(counted.by_class.get(None, 0))
        self.needs.show_recipe(recipe, None if recipe.freeze == AUTO else strategy_of(recipe))
        ready = self.backbones.is_ready(info.id)
        self.choice.set_facts(choice_facts(info, recipe, classes=classes, ready=ready))
        self.images.set_facts(
            image_facts(info, recipe, classes=classes, train_images=train_images, is_estimate=bool(waiting))
        )
        self.simple.show_recipe(recipe, info=info, counted=counted)
        self.good_to_know.set_words(good_to_know(recipe, images_per_class=train_images / max(classes, 1)))
        self._show_good_to_know()
        self._labelled = tuple(name for name in counted.by_class if name is not None)
        self._show_readiness()

    @Slot()
    def _show_readiness(self) -> None:
        """Show whether training can start, and request a cost estimate if it can."""
        recipe = self._recipe()
        reason = self._obstacle(recipe, self._info(recipe.backbone.id))
        self.train_button.setEnabled(not reason)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self.train_button.setAccessibleDescription(reason or "Start training with these settings")
        self.rate_finding.show_readiness(recipe, obstacle=reason)
        self._measure(recipe, reason)

    def _measure(self, recipe: Recipe, reason: str) -> None:
        """Request a cost estimate of this choice, unless it cannot be trained now."""
        if reason:
            self.estimator.stop()
            if reason == self.needs.problem and self.simple_area.isVisible():
                # The choices of the simple view need nothing, whatever the one made by hand still needs.
                self.simple.measure(recipe, stages=self._stages(recipe.backbone.id))
            else:
                self.simple.stop_measuring()
            self.simple.plan.forget_cost()
            self.cost.show_message(
                "Measured when the running training has ended."
                if self._app_state.training is not None
                else ""
            )
            return
        if not self.isVisible():
            return
        if not self.estimator.request(recipe.model_dump(mode="json")):
            self.cost.show_measuring()
            self.simple.plan.forget_cost()
        if self.simple_area.isVisible():
            self.simple.measure(recipe, stages=self._stages(recipe.backbone.id))

    @Slot(dict, dict)
    def _show_cost(self, recipe: dict[str, Any], estimate: dict[str, Any]) -> None:
        self.cost.show_cost(recipe, estimate)
        self.simple.plan.show_cost(estimate)

    @Slot()
    def _not_measured(self) -> None:
        self.cost.show_message(NOT_MEASURED)

    def _obstacle(self, recipe: Recipe, info: BackboneInfo) -> str:
        if self._app_state.training is not None:
            return "A training is running. Wait until it ends, or stop it on the Train page."
        if self.needs.count_classes(self._labelled) < 2:
            return STILL_READING if self._app_state.is_reading_folder else self.needs.few_classes
        if self.needs.problem:
            return self.needs.problem
        if recipe.freeze == AUTO and recipe.head.kind != "linear":
            return "“Choose for me” needs a linear head. Choose that, or set the freeze line yourself."
        return self.backbones.missing_weights(info, own_file=recipe.backbone.weights_file)

    def _recipe(self) -> Recipe:
        from tlstudio.specs.recipe import Recipe, build_recipe

        try:
            return build_recipe(self._app_state.recipe(), source="the project's settings")
        except UserError:  # training reports what is wrong with it; the page stays usable
            return Recipe()

    def _info(self, backbone_id: str) -> BackboneInfo:
        return known_backbone(backbone_id) or other_backbone(
            backbone_id, cut=self._found_stages.get(backbone_id)
        )

    # Choosing

    @Slot(str)
    def _choose_backbone(self, backbone_id: str) -> None:
        recipe = self._recipe()
        if backbone_id != recipe.backbone.id:
            stages, old_stages = self._stages(backbone_id), self._stages(recipe.backbone.id)
            self._apply(choose_backbone(recipe, backbone_id, stages=stages, old_stages=old_stages))

    @Slot(str)
    def _choose_freeze(self, freeze: str) -> None:
        self._apply(choose_freeze(self._recipe(), freeze))

    @Slot(str)
    def _choose_strategy(self, strategy: str) -> None:
        recipe = self._recipe()
        self._apply(choose_strategy(recipe, strategy, stages=self._stages(recipe.backbone.id)))
        if not self.needs.isHidden():
            self._scroll_timer.start()

    @Slot(str)
    def _choose_case(self, strategy: str) -> None:
        """Choose a strategy of the small cards, and go to what it cannot do without."""
        self._choose_strategy(strategy)
        if any(wanted.required for wanted in STRATEGIES.get(strategy).inputs):
            self.needs.focus_first()

    def _apply(self, choice: Choice) -> None:
        recipe = self._recipe()
        strategy = choice.changes.get("strategy", recipe.strategy)
        changes = dict(choice.changes)
        if strategy != recipe.strategy:
            # A strategy's options and inputs do not apply to another one; they return with their strategy.
            self._given[recipe.strategy] = {
                "strategy_options": recipe.strategy_options,
                "inputs": recipe.inputs,
            }
            changes.update(self._given.get(strategy, {"strategy_options": {}, "inputs": {}}))
        self._app_state.update_recipe(changes)
        if choice.note is not None:
            self.freezing.show_note(choice.note)

    @Slot()
    def _scroll_to_needs(self) -> None:
        self._page.right_area.ensureWidgetVisible(self.needs, 0, 0)

    def _stages(self, backbone_id: str) -> list[str]:
        return [stage.name for stage in self._info(backbone_id).stages]

    @Slot(dict)
    def _update_recipe(self, changes: dict[str, Any]) -> None:
        self._app_state.update_recipe(changes)

    @Slot(str)
    def _choose_file(self, file: str) -> None:
        if not file:
            self._app_state.update_recipe({"backbone": {"weights_file": None}})
            return
        backbone_id = self._recipe().backbone.id
        job = self._app_state.submit("stages", backbone=backbone_id, weights_file=file)
        job.setProperty("file", file)
        job.setProperty("backbone", backbone_id)
        job.succeeded.connect(self._file_fits)

    @Slot(dict)
    def _file_fits(self, cut: dict[str, Any]) -> None:
        job, found = self.sender(), cut["backbone"]
        if self._app_state.project is None or self._recipe().backbone.id != job.property("backbone"):
            return
        self._found_stages[found] = cut
        self._choose_backbone(found)
        self._app_state.update_recipe({"backbone": {"weights_file": job.property("file")}})
        self._app_state.status_message.emit(f"The weights fit {self._info(found).title}.")

    def _find_stages(self, backbone_id: str) -> None:
        if backbone_id in self._stages_requested:
            return
        self._stages_requested.add(backbone_id)
        job = self._app_state.submit("stages", backbone=backbone_id, weights_file=None)
        job.setProperty("backbone", backbone_id)
        job.succeeded.connect(self._stages_found)

    @Slot(dict)
    def _stages_found(self, cut: dict[str, Any]) -> None:
        self._found_stages[self.sender().property("backbone")] = cut
        self._refresh()

    @Slot()
    def _train(self) -> None:
        # A number that is still being typed counts, also when the button is pressed by its key.
        focus = QApplication.focusWidget()
        if focus is not None:
            focus.clearFocus()
        if not self.train_button.isEnabled():
            return
        self._app_state.train()
        self.go_to.emit("train")

    @Slot()
    def _go_home(self) -> None:
        self.go_to.emit("home")
