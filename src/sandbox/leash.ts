/**
 * Loaded into the program before its own code (`node --import`): when the playground is gone, killed ones included, its
 * channel breaks, and the program stops as it would on an operator's SIGTERM.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
