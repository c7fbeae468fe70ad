/** Takes `.env` of the working directory into the environment, where there is one. What is set already stays. */
export function loadEnvFile(): void {
  try {
    process.loadEnvFile('.env');
  } catch (cause) {
    // Node's own flag for this prints a line where there is no such file, at every start and every command.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
  }
}
