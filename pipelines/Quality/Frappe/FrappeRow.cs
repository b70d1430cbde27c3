namespace Recs.Pipelines.Quality.Frappe;

/// <summary>One line of the log: an app used in a context (positive), or one drawn beside it (negative). Ids are the data set's own, unique over all fields.</summary>
/// <param name="Label">Whether the app was used.</param>
/// <param name="User">The user.</param>
/// <param name="Item">The app.</param>
/// <param name="Context">The values of <see cref="FrappeFiles.ContextFields"/>, in their order.</param>
internal sealed record FrappeRow(bool Label, int User, int Item, int[] Context);

/// <summary>What the store page says of an app.</summary>
/// <param name="Category">As a number from 0; apps of one category share it.</param>
/// <param name="Developer">As a number from 0.</param>
/// <param name="Downloads">The lower end of the range that the store tells; −1 where it is unknown.</param>
/// <param name="Rating">Stars; −1 where unknown.</param>
/// <param name="Price">0 free, 1 paid, −1 unknown.</param>
/// <param name="Text">Name, category and the short description.</param>
internal sealed record FrappeApp(int Category, int Developer, double Downloads, double Rating, int Price, string Text);
