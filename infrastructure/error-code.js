/** The code of an error of Node or of a library, such as `ENOENT`. */
export function errorCode(error) {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
