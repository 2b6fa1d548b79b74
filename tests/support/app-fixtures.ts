import { it } from 'vitest';
import { aUser } from '../conformance/builders.ts';
import { type AppOptions, startApp } from './running-app.ts';

/**
 * `it` with these fixtures:
 *
 * - `app`: an app with these options, shared by the tests of the file
 * - `user`: a user of this test's own, who has no task yet; `send`: sends a request to `app` as that user
 * - `startApp`: starts another app, for this test alone
 *
 * Call it at the top level of a test file, where Vitest allows fixtures that last as long as the file.
 */
export function itWithApp(options: AppOptions = {}) {
  return it
    .extend('appOptions', { scope: 'file' }, options)
    .extend('app', { scope: 'file' }, async ({ appOptions }, { onCleanup }) => {
      const app = await startApp(appOptions);
      onCleanup(() => app.close());
      return app;
    })
    .extend('user', () => aUser())
    .extend('send', ({ app, user }) => app.as(user))
    .extend('startApp', ({ onTestFinished }) => async (options?: AppOptions) => {
      const app = await startApp(options);
      onTestFinished(() => app.close());
      return app;
    });
}
