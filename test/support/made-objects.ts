/** Whether Durable Objects were made since their storage was emptied: of all that ever were, the platform's list tells no end. */
const made = { any: false };

export const noteObject = (): void => void (made.any = true);
export const wereObjectsMade = (): boolean => made.any;
export const forgetObjects = (): void => void (made.any = false);
