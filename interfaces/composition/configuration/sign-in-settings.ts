import * as v from 'valibot';
import { oneOf, requiredIf, type ShownSetting, wholeNumber } from './setting-schemas.ts';
import { httpUrl, secret } from './token-schemas.ts';

type Given = Readonly<Record<string, string>>;

export type SignInSettings = Readonly<v.InferOutput<ReturnType<typeof signInSettings>>>;

/** The settings that name another issuer of tokens. */
const OTHER_ISSUERS = ['BETTER_AUTH_URL', 'JWKS_URL', 'JWKS'] as const;

/** Whether this server has accounts of its own: by default in dev, if no setting names another issuer of tokens. */
export function signsIn(deployed: boolean, given: Given): boolean {
  if (given.SIGN_IN !== undefined) return given.SIGN_IN === 'on';
  return !deployed && ['BETTER_AUTH_SECRET', ...OTHER_ISSUERS].every((name) => given[name] === undefined);
}

/** Reads whether this server signs its users in itself. @param deployed whether the secret and the address must be set */
export function signInSettings(deployed: boolean, given: Given) {
  const isOn = signsIn(deployed, given);
  const other = OTHER_ISSUERS.find((name) => given[name] !== undefined);
  return v.pipe(
    v.object(
      {
        SIGN_IN: v.optional(
          v.pipe(
            oneOf(['on', 'off']),
            v.check(
              (value) => value === 'off' || other === undefined,
              `and ${other} exclude each other: tokens come from this server, or from another one`,
            ),
          ),
        ),
        SIGN_IN_SECRET: requiredIf(isOn && deployed, secret),
        PUBLIC_URL: requiredIf(
          isOn && deployed,
          v.pipe(
            httpUrl,
            v.check((url) => new URL(url).origin === url, 'must be an origin such as https://tasks.example.com'),
          ),
        ),
        SIGN_IN_TOKEN_HOURS: v.optional(wholeNumber({ min: 1, max: 168, example: 24 }), '24'),
      },
      'is required with SIGN_IN=on in staging and production',
    ),
    v.transform((set) => ({
      /** `undefined`: this server has no accounts. */
      signIn: isOn
        ? {
            /** Signs cookies. `undefined` in dev: derived from the shared secret. */
            secret: set.SIGN_IN_SECRET,
            /** The origin of this server, as browsers see it. It is the issuer and the audience of its tokens. */
            publicUrl: set.PUBLIC_URL ?? `http://localhost:${given.PORT ?? '8000'}`,
            /** How long a token is valid that a sign-in returns, in hours. */
            tokenHours: set.SIGN_IN_TOKEN_HOURS,
          }
        : undefined,
    })),
  );
}

export function describeSignInSettings({ signIn }: SignInSettings): readonly ShownSetting[] {
  const ownSecret = signIn?.secret;
  return [
    ['SIGN_IN', signIn ? 'on' : 'off'],
    ['SIGN_IN_SECRET', ownSecret === undefined ? '(none)' : `******** (${ownSecret.length} characters)`],
    ['PUBLIC_URL', signIn?.publicUrl ?? '(none)'],
    ['SIGN_IN_TOKEN_HOURS', signIn ? String(signIn.tokenHours) : '(none)'],
  ];
}
