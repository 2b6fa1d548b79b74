/** One line that changes, on a terminal; a line each, elsewhere. On the error output, so that a pipe gets the table alone. */
export function progress(text: string): void {
  const { stderr } = process;
  stderr.write(stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
}

/** After the last of them. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
