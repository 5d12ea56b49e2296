/** The secrets of Workers under test: long enough for their algorithms, random, and no two alike. */

export const JWT_SECRET_KEY = "LnB5wUQ0tGZtVhG9Tz0mXb1x2r7YqkWcJ4eD8sPfRaI";
export const LINK_SECRET = "q9Yt3KfWm7Zc1VbX5nGd8HrJ2LsPa4UeRo6TiDyMhQw";
/** Of another deployment, or of this one after a rotation. */
export const OTHER_JWT_SECRET_KEY = "c2GvZ8pQx4Nn7LwKe1Tf5RbYd9MhUj3SaWiXo6tVyBs";
export const OTHER_LINK_SECRET = "H7sWk2Zx9Tq4Vb6Nf1Lc8Rm3Yd5Jg0Pe-AtUoXiKwBv";

/** The bindings of a Worker. */
export const secrets = { JWT_SECRET_KEY, LINK_SECRET };

/** What signs links there. */
export const linkKey = { accessKeyId: "sluice", secret: LINK_SECRET };

/** Where a link is opened that came to this address, without a mount and without PUBLIC_BASE_URL. */
export const placeOf = (url: string) => ({ mount: "", base: new URL(url).origin });
