"""Everything that ``make bench`` measures, as ratios within one run."""

from __future__ import annotations

import acceleration
import chains
import likelihoods
import sweeps

if __name__ == "__main__":
    sweeps.main()
    chains.main()
    likelihoods.main()
    acceleration.main()
