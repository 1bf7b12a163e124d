"""The checker against every choice there is. Run with: python3 -m unittest discover -s loadtest -t loadtest"""

import itertools
import random
import unittest

from harness.limits import TOKEN, least_burst

SECOND = 10**9
ONE_A_SECOND = 60


def possible(spans, burst):
    """Whether any choice of quarter seconds explains the spans, all of them tried."""
    for moments in itertools.product(*[range(sent, answered + 1) for sent, answered in spans]):
        moments = sorted(moments)
        if all((last - first + 1) * TOKEN <= burst * TOKEN + ONE_A_SECOND * (moments[last] - moments[first]) * SECOND // 4
               for first in range(len(moments)) for last in range(first, len(moments))):
            return True
    return False


class LeastBurst(unittest.TestCase):
    def assert_burst(self, spans, burst):
        self.assertEqual((burst, burst), least_burst(spans, ONE_A_SECOND))

    def test_moments_known_exactly(self):
        self.assert_burst([(0, 0)] * 10, 10)
        self.assert_burst([(second * SECOND, second * SECOND) for second in range(10)], 1)
        self.assert_burst([(half * SECOND // 2, half * SECOND // 2) for half in range(10)], 6)

    def test_slow_answers_may_have_been_admitted_at_any_moment_between(self):
        self.assert_burst([(0, 9 * SECOND)] * 10, 1)
        self.assert_burst([(0, 8 * SECOND)] * 10, 2)

    def test_one_admission_too_many_is_seen(self):
        exact = [(0, 0)] * 5 + [(second * SECOND, second * SECOND) for second in range(1, 50)]
        self.assert_burst(exact, 5)
        self.assert_burst(exact + [(25 * SECOND, 25 * SECOND)], 6)

    def test_floor_and_ceiling_hold_the_truth_between_them(self):
        chance = random.Random(1)
        for _ in range(500):
            spans = [(sent, sent + chance.randint(0, 3)) for sent in (chance.randint(0, 6) for _ in range(chance.randint(1, 5)))]
            truth = next(burst for burst in range(1, 7) if possible(spans, burst))
            floor, ceiling = least_burst([(sent * SECOND // 4, answered * SECOND // 4) for sent, answered in spans], ONE_A_SECOND)
            self.assertTrue(floor <= truth <= ceiling <= floor + 1, f"{spans}: {floor} {truth} {ceiling}")


if __name__ == "__main__":
    unittest.main()
