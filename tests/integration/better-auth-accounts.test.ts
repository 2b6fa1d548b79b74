import { pino } from 'pino';
import { expect } from 'vitest';
import { EmailTaken, Misconfigured } from '../../application/application-errors.ts';
import { DisplayName } from '../../domain/display-name.ts';
import { Email } from '../../domain/email.ts';
import { Password } from '../../domain/password.ts';
import { prepareAccounts } from '../../infrastructure/accounts/accounts-migrations.ts';
import { BetterAuthAccounts } from '../../infrastructure/accounts/better-auth-accounts.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';

const it = itWithDatabasePerTest().extend('accounts', async ({ database }, { onCleanup }) => {
  const accounts = new BetterAuthAccounts({
    databaseUrl: database.settings.DATABASE_URL,
    tokenHours: 1,
    secret: 'a-secret-for-the-cookies-of-this-test',
    publicUrl: 'https://tasks.example.com',
    trustedOrigins: [],
    trustsLoopback: false,
    clock: new SystemClock(),
    log: pino({ enabled: false }),
    beforeDelete: async () => {},
  });
  onCleanup(() => accounts.close());
  return accounts;
});

it('signs users up and in as soon as its tables are there, without a restart', async ({ accounts, database }) => {
  const credentials = { email: Email('ann@example.com'), password: Password('correct horse battery staple') };
  const newAccount = { ...credentials, name: DisplayName('Ann') };
  for (const attempt of [() => accounts.signUp(newAccount), () => accounts.signIn(credentials)]) {
    await expect(attempt()).rejects.toThrow(Misconfigured);
  }
  await prepareAccounts(database.ownerUrl, database.settings.DATABASE_URL);
  const { account } = await accounts.signUp(newAccount);
  expect((await accounts.signIn(credentials)).account).toEqual(account);
});

it('gives an address to one of two sign-ups at once, and tells the other that it is taken', async ({
  accounts,
  database,
}) => {
  await prepareAccounts(database.ownerUrl, database.settings.DATABASE_URL);
  const newAccount = { email: Email('ben@example.com'), password: Password('correct horse'), name: DisplayName('Ben') };
  const results = await Promise.allSettled([accounts.signUp(newAccount), accounts.signUp(newAccount)]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(results).toContainEqual({ status: 'rejected', reason: expect.any(EmailTaken) });
});

it('says the same on the route of Better Auth', async ({ accounts, database }) => {
  await prepareAccounts(database.ownerUrl, database.settings.DATABASE_URL);
  const signUp = () =>
    accounts.handle(
      new Request('https://tasks.example.com/api/auth/sign-up/email', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Origin: 'https://tasks.example.com' },
        body: JSON.stringify({ email: 'eve@example.com', password: 'correct horse', name: 'Eve' }),
      }),
    );
  const responses = await Promise.all([signUp(), signUp()]);
  expect(responses.map(({ status }) => status).sort()).toEqual([200, 422]);
  const refused = responses.find(({ status }) => status === 422);
  expect(await refused?.json()).toMatchObject({ code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' });
});
