import { itLosesNoRequest, itLosesNoRequestBehindNginx } from '../support/rolling-restart-suite.ts';

itLosesNoRequest({ count: 10_000, restarts: 2 });
itLosesNoRequestBehindNginx({ count: 10_000, restarts: 2 });
