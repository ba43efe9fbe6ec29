# SPDX-License-Identifier: MIT
"""Tests of the figures and tables of `make bench`, without running anything.  Called by smoke.sh."""

import contextlib
import io
import os
import tempfile
import unittest
import xml.dom.minidom

import bench
import chart
import measure
import plan
import report
import truth

PROGRAMS = {name: name for name in ("bare", "work", "launch", "mtrace", "strace", "perf")}


def samples(*values):
    """Samples of so many nanoseconds."""
    return [measure.Sample(value, 1, 2048, 3 * value) for value in values]


def rows_of(text):
    """The cells of a Markdown table, row by row, without the rule."""
    return [[word.strip() for word in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("|") and not line.startswith("|-")]


class Figures(unittest.TestCase):
    """Medians, quartiles, digits."""

    def test_quantiles_lie_between_neighbours(self):
        values = [1.0, 2.0, 3.0, 5.0]
        self.assertEqual(report.quantile(values, 0.5), 2.5)
        self.assertEqual(report.quantile(values, 0.25), 1.75)
        self.assertEqual(report.quantile(values, 0.75), 3.5)
        self.assertEqual(report.quantile([7.0], 0.25), 7.0)

    def test_ratio_is_of_pairs_not_of_medians(self):
        # The machine was ten times slower in the last round; the ratio was the same in each.
        taken = {"mtrace": samples(20, 20, 200), "none": samples(10, 10, 100)}
        self.assertEqual(report.ratio(taken, "mtrace", "none"), report.Ratio(2, 2, 2, 3))

    def test_ratio_of_what_was_not_measured(self):
        self.assertIsNone(report.ratio({"mtrace": samples(1)}, "mtrace", "none"))
        self.assertIsNone(report.ratio({"mtrace": samples(1), "none": []}, "mtrace", "none"))
        self.assertEqual(report.cell(None), report.ABSENT)

    def test_three_digits(self):
        self.assertEqual([report.number(value) for value in (0.996, 1.234, 9.999, 99.96, 118.4, 1880)],
                         ["1.00", "1.23", "10.0", "100", "118", "1,880"])


class Tables(unittest.TestCase):
    """What is shown of known results."""

    def setUp(self):
        self.tools = plan.make_tools(PROGRAMS, 0)
        self.workloads = plan.make_workloads(PROGRAMS, "/nowhere", 500)
        self.results = {workload.name: {} for workload in self.workloads}
        self.results["getpid"] = {"none": samples(1, 1, 1), "bare": samples(100, 100, 100),
                                  "mtrace": samples(103, 105, 131), "strace": samples(900, 1000, 1100)}

    def test_every_row_and_no_empty_cell(self):
        rows = rows_of(report.slowdown_table(self.results, self.workloads, self.tools))
        self.assertEqual(len(rows), 1 + len(self.workloads))
        self.assertEqual(rows[0], ["workload", "bare loop", "mtrace", "strace"])
        self.assertEqual(rows[1], ["getpid loop", "100 (100–100)", "105 (104–118)",
                                   "1,000 (950–1,050)"])
        for row in rows:
            self.assertEqual(len(row), 4)
            self.assertNotIn("", row)

    def test_comparison_leaves_out_what_has_no_figure(self):
        rows = rows_of(report.comparison_table(self.results, self.workloads))
        self.assertEqual(rows, [["workload", "mtrace : bare loop", "mtrace : strace"],
                                ["getpid loop", "1.05 (1.04–1.18)", "0.11 (0.11–0.12)"]])
        self.assertEqual(report.comparison_table({"getpid": {}}, self.workloads[:1]), "")

    def test_cpu_time_is_in_units_of_the_bare_loop(self):
        self.results["getpid"]["mtrace"] = [measure.Sample(1, 1, 1, 450)] * 3
        rows = rows_of(report.cpu_table(self.results, self.workloads, self.tools))
        self.assertEqual(rows, [["workload", "mtrace", "strace"],
                                ["getpid loop", "1.50 (1.50–1.50)", "10.0 (9.50–10.5)"]])
        # redis-server tells no CPU time.
        self.results["redis"] = {"bare": [measure.Sample(1, 1, 0, 0)],
                                 "mtrace": [measure.Sample(1, 1, 0, 0)]}
        self.assertEqual(len(rows_of(report.cpu_table(self.results, self.workloads, self.tools))), 2)

    def test_targets_are_met_missed_or_not_measured(self):
        counts = {("mtrace", "instructions", "getpid"): 1501.0}
        rows = {row[0]: row[1:] for row in report.target_rows(self.results, counts)}
        self.assertEqual(rows["mtrace : bare loop, getpid"],
                         ["≤ 1.10", "1.05 (1.04–1.18)", "yes, but not for sure"])
        self.assertEqual(rows["mtrace : strace, getpid"], ["≤ 0.20", "0.11 (0.11–0.12)", "yes"])
        self.assertEqual(rows["instructions per call, getpid"], ["≤ 1,500", "1,501", "**no**"])
        self.assertEqual(rows["mtrace : bare loop, five calls"],
                         ["≤ 1.10", "not measured", report.ABSENT])

    def test_peak_memory_is_the_largest(self):
        self.results["many"] = {"mtrace": [measure.Sample(1, 1, 1024, 1),
                                           measure.Sample(1, 1, 65 * 1024, 1)]}
        rows = {row[0]: row[1:] for row in report.target_rows(self.results, {})}
        self.assertEqual(rows["peak memory with 1,000 threads, MiB"], ["≤ 64.0", "65.0", "**no**"])

    def test_chart_is_xml_and_holds_every_bar(self):
        document = xml.dom.minidom.parseString(chart.draw(self.results, self.workloads, self.tools))
        titles = [node.firstChild.data for node in document.getElementsByTagName("title")]
        self.assertEqual(titles[1:], ["bare loop: 100", "mtrace: 105", "strace: 1,000"])
        self.assertEqual(set(chart.COLOURS), {tool.name for tool in self.tools} - {"none"})


class Commands(unittest.TestCase):
    """How tools are called, and what is read of them."""

    def test_follow_is_asked_for_once(self):
        tools = {tool.name: tool for tool in plan.make_tools(PROGRAMS, 3)}
        self.assertEqual(tools["mtrace"].prefix(False), ["mtrace", "-o", "/dev/null"])
        self.assertEqual(tools["mtrace"].prefix(True), ["mtrace", "-o", "/dev/null", "-f"])
        self.assertEqual(tools["mtrace-openat"].prefix(True),
                         ["mtrace", "-o", "/dev/null", "-f", "-e", "trace=openat"])
        self.assertEqual(tools["mtrace-openat"].prefix(False),
                         ["mtrace", "-o", "/dev/null", "-f", "-e", "trace=openat"])
        self.assertEqual(tools["bare"].prefix(True), ["bare", "-c", "3", "-f"])
        self.assertEqual(tools["strace-1cpu"].prefix(False)[:3], ["taskset", "-c", "3"])
        self.assertEqual(tools["mtrace"].attach(17), ["mtrace", "-o", "/dev/null", "-f", "-p", "17"])

    def test_counts_of_calls(self):
        text = ("% time     seconds  usecs/call     calls    errors syscall\n"
                "------ ----------- ----------- --------- --------- ----------------\n"
                " 99.00    0.000008           8        12         3 wait4\n"
                "  1.00    0.000001           1         4           ptrace\n"
                "------ ----------- ----------- --------- --------- ----------------\n"
                "100.00    0.000009           2        16         3 total\n")
        self.assertEqual(measure.read_call_counts(text), {"wait4": 12, "ptrace": 4})

    def test_readme_changes_between_its_marks_only(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "README.md")
            bench.write_file(path, "head\n" + bench.BEGIN + "old\n" + bench.END + "tail\n")
            bench.write_readme(path, "new\n")
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(),
                                 "head\n" + bench.BEGIN + "\nnew\n\n" + bench.END + "tail\n")
            bench.write_file(path, "no marks\n")
            with self.assertRaises(SystemExit):
                bench.write_readme(path, "new\n")

    def test_share_of_others(self):
        # 2 CPUs for 1 s are 200 ticks: 100 idle, 100 used, of which 50 were ours.
        ticks = os.sysconf("SC_CLK_TCK")
        after = [ticks, 0, 0, ticks, 0, 0, 0, 0, 0, 0]
        self.assertAlmostEqual(bench.busy_others([0] * 10, after, 0.5), 25)
        self.assertIn("Other programs", bench.warning(25))
        self.assertEqual(bench.warning(3), "")


class Truth(unittest.TestCase):
    """What truth.py makes of estimates."""

    def judge(self, alone, *traced):
        """The counts for (estimate, uncertainty) of 100 ms that were traced."""
        case = truth.Case("made-up", [], False, truth.SERIAL, None)
        records = [(estimate, {"untraced_ns": estimate, "uncertainty_ns": doubt,
                               "traced_ns": 100e6}) for estimate, doubt in traced]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            counts = truth.judge(case, alone, records, 0)
        self.assertIn("made-up", out.getvalue())
        return counts

    def test_band_is_a_tenth_or_the_quartiles(self):
        steady, restless = [10e6] * 7, [8e6, 8e6, 8e6, 10e6, 12e6, 12e6, 12e6]
        self.assertEqual(self.judge(steady, (10.9e6, 2e6), (11.2e6, 2e6), (9.1e6, 2e6))[0], 2)
        self.assertEqual(self.judge(restless, (13.9e6, 2e6), (14.1e6, 2e6))[0], 1)

    def test_covered_and_narrow(self):
        counts = self.judge([10e6] * 7, (12e6, 2.1e6), (12e6, 1.9e6), (8e6, 2.1e6))
        self.assertEqual(counts, (0, 2, 2, 3))

    def test_record_is_found(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "record")
            bench.write_file(path, '{"type":"header"}\n{"type":"overhead","stops":3}\n'
                                   '{"type":"overhead_thread"}\n')
            self.assertEqual(truth.read_overhead(path)["stops"], 3)
            bench.write_file(path, '{"type":"header"}\n')
            with self.assertRaises(measure.Failure):
                truth.read_overhead(path)


if __name__ == "__main__":
    unittest.main()
