import { itLosesNoRequest } from '../support/rolling-restart-suite.ts';

itLosesNoRequest({ count: 2_000, restarts: 1 });
