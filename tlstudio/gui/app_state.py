"""State of the window: the open project, its draft recipe, its runs, the training job. It knows no widget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from tlstudio.core.errors import UserError, from_os_error
from tlstudio.core.events import JobFailed
from tlstudio.data.archive import is_zip
from tlstudio.evaluation.best_run import best_run
from tlstudio.evaluation.run_summary import summarise
from tlstudio.gui.engine_client import Background, EngineClient, Job
from tlstudio.gui.folder_reading import FolderReading
from tlstudio.gui.folder_watch import FolderWatch
from tlstudio.gui.kinds_of_path import is_model, is_project
from tlstudio.gui.project_claim import ProjectClaim
from tlstudio.gui.project_edits import ProjectEdits
from tlstudio.gui.project_images import ProjectImages
from tlstudio.gui.slow_imports import import_slow_modules
from tlstudio.project.home import project_home, rename_project
from tlstudio.project.recent import RecentProject, remember_project
from tlstudio.project.runs import RunFolder, list_runs, next_run
from tlstudio.project.store import FILE_NAME, Project, ProjectImage

REPLACED = ("strategy_options", "inputs")
"""Parts of a recipe whose names depend on the strategy."""


class AppState(QObject):
    """The state that pages and widgets bind to, and change only through this object.

    Signals:
        project_changed: Another project was opened, or it was closed.
        project_renamed: A project, perhaps the open one, has another name.
        images_changed: Images, labels, problems, classes or the split changed.
        recipe_changed: The draft recipe changed.
        recent_changed: The list of recent projects was written.
        runs_changed: The list of runs changed, or one of them got its figures.
        run_changed: Another run is shown.
        training_changed: Training started or ended.
        job_started: A `Job`, for the footer to follow.
        model_opened: Path of an exported model to use, without a project.
        status_message: A sentence for the status bar.
        failed: A `JobFailed` to show.
        images_of_requested: A `Finding` whose images the Data page is to show.
        saved: The person's change is on disk, so what was said about earlier ones is over.
        explained: Id of an operation whose failure a page explains; nothing else needs to say it.
    """

    project_changed = Signal()
    project_renamed = Signal()
    images_changed = Signal()
    recipe_changed = Signal()
    recent_changed = Signal()
    runs_changed = Signal()
    run_changed = Signal()
    training_changed = Signal()
    job_started = Signal(object)
    model_opened = Signal(str)
    status_message = Signal(str)
    failed = Signal(object)
    images_of_requested = Signal(object)
    saved = Signal()
    explained = Signal(str)

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self.background = Background(self)
        self.claim = ProjectClaim(self)
        self.images_folder = FolderWatch(self)
        self.images_folder.changed.connect(self._images_folder_changed)
        self.project: Project | None = None
        self.run: RunFolder | None = None
        self.training: Job | None = None
        self.training_run: RunFolder | None = None
        self.opened_model: Path | None = None
        self._opening: Job | None = None
        self._opening_name: str | None = None
        self.threads: int | None = None
        """Threads for training, as chosen in the settings; a recipe that names its own wins."""
        self._images = ProjectImages(self)
        self._images.changed.connect(self.images_changed)
        self.folder = FolderReading(self.submit, self.background, self)
        self.folder.was_read.connect(self._was_read)
        self.folder.said.connect(self.status_message)
        self.edits = ProjectEdits(self._images, self)
        self.edits.classes_changed.connect(self.images_changed)
        self.edits.files_changed.connect(self.folder.read_new)
        self.edits.said.connect(self.status_message)
        self.edits.saved.connect(self.saved)
        self.edits.failed.connect(self.show_error)

    # Opening

    def open_path(self, path: Path) -> None:
        """Open whatever was dropped: a project, a run, an exported model, or a folder of images."""
        if is_project(path):
            self.open_project(path)
        elif is_zip(path):
            self.open_zip(path)
        elif is_model(path):
            self.use_model(path)
        elif path.is_dir():
            self.open_images(path)
        elif path.exists():
            self.show_error(
                UserError(f"{path.name} is a single file.", mend="Drop the folder that holds your images.")
            )
        else:
            self.show_error(
                UserError(f"{path} is not there.", mend="Check the name, and that the drive is plugged in.")
            )

    def open_images(self, folder: Path, *, name: str | None = None) -> None:
        """Open the project of a folder of images, made when there is none yet, and read the folder."""
        folder = folder.resolve()
        home = project_home(folder, name=name)
        try:
            if not (home / FILE_NAME).exists():
                from tlstudio.specs import settings_to_choose  # brings pydantic

                with Project.create(home, name=home.name, images_root=folder) as project:
                    project.save_draft(settings_to_choose())
        except OSError as error:
            self.show_error(from_os_error(error))
            return
        self.open_project(home)

    def open_project(self, folder: Path) -> None:
        """Open a project and read its images again, in case some were added or removed."""
        try:
            project = Project(folder)
        except UserError as error:
            self.show_error(error)
            return
        try:
            self.claim.take(project.folder, name=project.name)
        except UserError as error:
            project.close()
            self.show_error(error)
            return
        self._open_after(None)
        if self.project is not None:
            self.project.close()
        # A model that was opened beside another project has other classes.
        self.project, self.opened_model = project, None
        self.images_folder.set_folder(project.images_root)
        runs = self.runs()
        self.run = runs[-1] if runs else None
        self._images.set_project(project)
        self.edits.set_project(project)
        self.folder.set_project(project)
        # The pages need them soon; importing them on the GUI thread would block the window.
        self.background.submit("slow imports", import_slow_modules)
        self.project_changed.emit()
        self.rescan()

    def open_zip(self, archive: Path) -> None:
        """Unpack a zip file of images into the folder of a project, and open that."""
        self._open_after(self.submit("unpack", archive=str(archive)))

    def rename_project(self, folder: Path, *, name: str) -> None:
        """Rename a project, open or not; its folder keeps its name."""
        with self._errors_shown():
            rename_project(folder, name=name)
        self.project_renamed.emit()

    def open_sample(self, sample: str, *, title: str) -> None:
        """Make a sample's images and open them; asking again while they are made changes nothing."""
        made = self._opening
        if made is None or not made.is_open or made.request.arguments.get("sample") != sample:
            self._open_after(self.submit("sample", sample=sample), name=title)

    def _open_after(self, job: Job | None, *, name: str | None = None) -> None:
        """Open what a job makes; what was wished for before it is given up, and not opened over it."""
        if self._opening is not None:
            self._opening.command("cancel")
        self._opening, self._opening_name = job, name
        if job is not None:
            job.succeeded.connect(self._made)

    @Slot(dict)
    def _made(self, result: Mapping[str, Any]) -> None:
        if self.sender() is self._opening:
            self.open_images(Path(result["folder"]), name=self._opening_name or result["name"])

    def use_model(self, path: Path) -> None:
        """Use an exported model instead of a run; stored for a Use page that is built later."""
        self.opened_model = path
        self.model_opened.emit(str(path))

    def close_project(self) -> None:
        """Close the open project; everything is on disk already."""
        if self.project is not None:
            self.project.close()
        self._images.set_project(None)
        self.images_folder.set_folder(None)
        self.claim.release()
        self.edits.set_project(None)
        self.folder.set_project(None)
        self.project, self.run = None, None

    # Images and labels

    def images(self) -> list[ProjectImage]:
        """The images of the project as last read, sorted by path, without those that are left out."""
        return self._images.used

    def images_left_out(self) -> list[ProjectImage]:
        """The images that the person left out, sorted by path."""
        return self._images.left_out

    @property
    def is_reading_images(self) -> bool:
        """True while images are being read from the project; `images_changed` is emitted at the end."""
        return self._images.is_reading

    @property
    def is_reading_folder(self) -> bool:
        """True while the folder of images is being read, or the project after it."""
        return self.folder.is_reading or self.is_reading_images

    def image(self, path: str) -> ProjectImage | None:
        """One image by its path; None when the project has no such image."""
        return self._images.get(path)

    def move_images(self, root: Path) -> None:
        """Read the images from another folder from now on; labels stay."""
        assert self.project is not None
        self.project.move_images_root(root)
        self.images_folder.set_folder(self.project.images_root)
        self.folder.set_project(self.project)
        self.project_changed.emit()
        self.rescan()

    def rescan(self, *, anew: bool = False) -> Job:
        """Read the folder again; labels set by the person stay.

        Args:
            anew: Whether the folders are understood otherwise now, so that the images are divided anew.
        """
        return self.folder.read_all(anew=anew)

    def divide(self, *, validation: float, test: float, seed: int) -> None:
        """Draw a new split."""
        assert self.project is not None
        folder = str(self.project.folder)
        job = self.submit("split-project", project=folder, validation=validation, test=test, seed=seed)
        job.succeeded.connect(self._was_read)

    # Recipe and runs

    def recipe(self) -> dict[str, Any]:
        """The draft as plain values; what is left out takes its default."""
        return dict(self.project.draft()) if self.project else {}

    def update_recipe(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the draft.

        A section (e.g. "head") is merged into the old one; the parts in `REPLACED` take the place of the old.
        """
        assert self.project is not None
        recipe = self.recipe()
        for key, value in changes.items():
            old = recipe.get(key)
            if key not in REPLACED and isinstance(old, dict) and isinstance(value, Mapping):
                value = {**old, **value}
            recipe[key] = value
        with self._errors_shown():
            self.project.save_draft(recipe)
        self.recipe_changed.emit()

    def runs(self) -> list[RunFolder]:
        """Runs of the project, oldest first."""
        return list_runs(self.project.runs_folder) if self.project else []

    def select_run(self, run: RunFolder | None) -> None:
        """Show another run."""
        self.run = run
        self.run_changed.emit()

    def finished_run(self) -> RunFolder | None:
        """The run whose figures are shown: the chosen one, or the newest finished one while that has none."""
        if self.run is not None and self.run.finished:
            return self.run
        return next((run for run in reversed(self.runs()) if run.finished), None)

    def train(self) -> None:
        """Train a new run with the draft."""
        assert self.project is not None
        self._start_training(next_run(self.project.runs_folder), recipe=self.recipe(), resume=False)

    def train_again(self, run: RunFolder) -> None:
        """Train a new run with the settings of another one, on the images and labels of now."""
        assert self.project is not None
        from tlstudio.specs.recipe import settings_of  # brings pydantic

        try:
            recipe = settings_of(run.read_json(run.recipe))
        except (UserError, OSError) as error:
            self.show_error(error if isinstance(error, UserError) else from_os_error(error))
            return
        self._start_training(next_run(self.project.runs_folder), recipe=recipe, resume=False)

    def resume(self, run: RunFolder) -> None:
        """Resume an interrupted run."""
        self._start_training(run, recipe=self.recipe(), resume=True)

    def _start_training(self, run: RunFolder, *, recipe: dict[str, Any], resume: bool) -> None:
        assert self.project is not None
        if self.training is not None:
            return
        if self.threads is not None:
            recipe.setdefault("threads", self.threads)
        self.training = self.submit(
            "train-project", project=str(self.project.folder), run=str(run.path), recipe=recipe, resume=resume
        )
        self.training_run = run
        self.training.ended.connect(self._training_ended)
        # Afterwards, so that reading the figures of all runs does not make the pages wait.
        self.training.ended.connect(self._add_to_recent, Qt.ConnectionType.QueuedConnection)
        self.folder.set_training(True)
        self.select_run(run)
        self.training_changed.emit()

    # Jobs

    def submit(self, operation: str, **arguments: Any) -> Job:
        """Start a job whose failure is shown to the person."""
        job = self.engine.submit(operation, **arguments)
        job.failed.connect(self.failed)
        self.job_started.emit(job)
        return job

    @contextmanager
    def _errors_shown(self) -> Iterator[None]:
        try:
            yield
            self.saved.emit()
        except UserError as error:
            self.show_error(error)

    def show_error(self, error: UserError) -> None:
        """Show an error that occurred in the window itself."""
        self.failed.emit(JobFailed(run_id="window", what=error.what, work=error.work, mend=error.mend))

    def close(self) -> None:
        """Stop the engine and close the project; labels and checkpoints are on disk already."""
        self.engine.close()
        self.background.close()
        self.images_folder.close()
        self.close_project()

    @Slot(bool)
    def _images_folder_changed(self, is_there: bool) -> None:
        if is_there and self.project is not None:
            self.rescan()

    @Slot()
    def _was_read(self) -> None:
        self._images.reload()
        self._add_to_recent()

    @Slot()
    def _training_ended(self) -> None:
        self.training, self.training_run = None, None
        if any(image.label() is not None and image.split is None for image in self.images()):
            self._images.reload()  # the training has divided them
        self.training_changed.emit()
        self.runs_changed.emit()
        self.run_changed.emit()
        self.folder.set_training(False)

    @Slot()
    def _add_to_recent(self) -> None:
        if self.project is None:
            return
        best = best_run([summarise(run) for run in self.runs()])
        remember_project(
            RecentProject(
                name=self.project.name,
                folder=str(self.project.folder),
                images=self.project.images_count(),
                best=best.accuracy if best else None,
                best_interval=best.interval if best else None,
            )
        )
        self.recent_changed.emit()
