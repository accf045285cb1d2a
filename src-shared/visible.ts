/** Whether there is anything to be seen of a text: more than spaces, and than joiners and selectors that only change a letter. */
export const isVisible = (text: string): boolean => /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text)
