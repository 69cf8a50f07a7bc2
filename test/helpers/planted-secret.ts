// Secrets as they turn up in messages, for property tests of redaction: the secret itself, and the
// text that carries it.

import fc from 'fast-check';

export interface PlantedSecret {
  secret: string;
  text: string;
}

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnopqrstuvwxyz0123456789';
const word = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...ALPHABET), minLength, maxLength });
const hex = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'),
  minLength: 32,
  maxLength: 64,
});

const planted = (
  secret: fc.Arbitrary<string>,
  ...carriers: ((secret: string) => string)[]
): fc.Arbitrary<PlantedSecret> =>
  fc
    .tuple(secret, fc.constantFrom(...carriers))
    .map(([value, carrier]) => ({ secret: value, text: carrier(value) }));

const NAMES = ['api_key', 'apiKey', 'API-KEY', 'password', 'client_secret', 'access_token', 'pwd'];

export const plantedSecret: fc.Arbitrary<PlantedSecret> = fc.oneof(
  planted(
    word(16, 48).map((value) => `sk-${value}`),
    (secret) => `the key ${secret} was refused`,
    (secret) => `["${secret}"]`,
    (secret) => `/models?x=${secret}&y=1`,
  ),
  planted(
    word(12, 64),
    (secret) => `authorization: Bearer ${secret}`,
    (secret) => `{"Authorization":"Bearer ${secret}"}`,
    (secret) => `Authorization: Custom scheme ${secret}`,
    (secret) => `sent bearer ${secret}, got 401`,
    (secret) => `Cookie: theme=dark; session=${secret}`,
  ),
  planted(
    word(8, 32),
    (secret) => `postgres://hadal:${secret}@db.internal:5432/hadal`,
    (secret) => `cannot reach https://user:${secret}@collector/v1?x=y#z`,
    (secret) => `redis://${secret}@cache`,
    (secret) => `postgres://hadal:a/b?c#${secret}@db/x`,
  ),
  planted(
    hex,
    (secret) => `key ${secret} is unknown`,
    (secret) => `token: ${secret}`,
  ),
  fc.tuple(word(8, 40), fc.constantFrom(...NAMES)).chain(([value, name]) =>
    planted(
      fc.constant(value),
      (secret) => `${name}=${secret}`,
      (secret) => `${name}: '${secret} and more'`,
      (secret) => `{"${name}":"${secret}"}`,
      (secret) => `"{\\"${name}\\": \\"two words ${secret}\\"}"`,
    ),
  ),
);
