declare const brand: unique symbol;

/** A primitive that has passed its constructor: a Title is a string, a string is not a Title. */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };
