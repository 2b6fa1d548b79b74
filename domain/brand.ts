declare const brand: unique symbol;

/** A primitive that passed its constructor: a `Title` is a string, but a string is not a `Title`. */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };
