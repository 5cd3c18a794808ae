/* Owns how people call the formats of pictures. */

/** What people call this media type. */
export const formatName = (type) => type.replace("image/", "").toUpperCase().replace("WEBP", "WebP");
