// What is loaded when it is first asked for. Knows nothing of what that is.

/**
 * @param load resolves with the function that does the work
 * @param fail hears of a load that failed; the next call tries again
 * @returns a function that does the work as soon as it can
 */
export function later(load, fail) {
  let loading = null;
  return async (...given) => {
    try {
      loading ??= load();
      (await loading)(...given);
    } catch (error) {
      loading = null;
      fail(error);
    }
  };
}
