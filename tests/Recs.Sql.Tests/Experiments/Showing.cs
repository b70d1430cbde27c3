using System.Globalization;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Sql.Tests.Experiments;

/// <summary>One shown item and what came of it, from the events.</summary>
internal sealed record Showing(int User, DateOnly Day, string Surface, int Position, Item Item, int Clicks, int Hides, double Worth, double Owed)
{
    public static List<Showing> Of(SmallExperiment experiment)
    {
        var items = experiment.Events.OfType<ItemUpserted>().ToDictionary(told => told.Item.Id, told => told.Item);
        var answers = experiment.Events.OfType<Interaction>().ToLookup(answer => (answer.Request, answer.Item));
        return [.. experiment.Events.OfType<Impression>().SelectMany(page => page.Items.Select(shown =>
        {
            var mine = answers[(page.Request, shown.Item)].ToList();
            var clicks = mine.Count(answer => answer.Action == InteractionType.Click);
            return new Showing(Number(page.User.Value), SmallExperiment.DayOf(page.Time), page.Surface, shown.Position, items[shown.Item], clicks, mine.Count(answer => answer.Action == InteractionType.Hide),
                mine.Where(answer => answer.Action == InteractionType.Conversion).Sum(answer => answer.ValueMicros) / 1e6, clicks > 0 && items[shown.Item].Ad is not null ? shown.PriceMicros / 1e6 : 0);
        }))];
    }

    public static int Number(string user) => int.Parse(user.AsSpan(1), CultureInfo.InvariantCulture);
}
