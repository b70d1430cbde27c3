using System.Globalization;
using Recs.Domain.Items;

namespace Recs.Pipelines.Simulate;

/// <summary>
/// Made-up people, things and advertisers, a pure function of a seed: each person and each thing is a direction in a space of tastes that nobody but the world
/// sees; the nearer the two, the likelier a click.
/// </summary>
internal sealed class World
{
    private const int Tastes = 6, Categories = 12;
    private static readonly string[] Words = ["river", "garden", "kitchen", "mountain", "letter", "lantern", "harbour", "orchard", "workshop", "meadow", "library", "winter"];
    private static readonly string[] Things = ["notes", "guide", "story", "picture", "recipe", "song", "plan", "map"];

    private readonly double[][] _users, _items;
    private readonly double[] _appeal;
    private readonly double[] _activity;

    /// <param name="seed">Decides everything.</param>
    /// <param name="users">People.</param>
    /// <param name="items">Content.</param>
    /// <param name="campaigns">Ads, three to an advertiser.</param>
    public World(int seed, int users, int items, int campaigns)
    {
        var random = new Random(seed);
        double[][] centres = [.. Enumerable.Range(0, Categories).Select(_ => Direction(random))];
        _users = [.. Enumerable.Range(0, users).Select(_ => Near(centres[random.Next(Categories)], 0.5, random))];
        _activity = Cumulated(Enumerable.Range(1, users).Select(rank => 1 / Math.Pow(rank, 0.7)));
        var all = items + campaigns;
        int[] category = [.. Enumerable.Range(0, all).Select(_ => random.Next(Categories))];
        _items = [.. category.Select(of => Near(centres[of], 0.4, random))];
        _appeal = [.. Enumerable.Range(0, all).Select(_ => random.NextDouble() - 0.5)];
        Content = [.. Enumerable.Range(0, items).Select(i => new Item
        {
            Id = new(Name("content", i)),
            Title = $"{char.ToUpperInvariant(Words[category[i]][0])}{Words[category[i]][1..]} {Things[random.Next(Things.Length)]} {i}",
            Category = Words[category[i]],
            Author = Name("author", random.Next(items / 5 + 1)),
        })];
        Campaigns = [.. Enumerable.Range(0, campaigns).Select(i => new Campaign(items + i, i % 4 == 3 ? Strategy.Steady : (Strategy)(i % 3), new Item
        {
            Id = new(Name("campaign", i)),
            Title = $"Sponsored: all about {Words[category[items + i]]}",
            Category = Words[category[items + i]],
            Ad = new Ad(new(Name("advertiser", i / 3)), null, new Bid(BidUnit.Thousand, (i % 4 == 3 ? 1_000_000 : 3_000_000) + random.Next(2_000_000)), 0, []),
        }) { IsLimited = i % 4 != 3 })];
    }

    /// <summary>The content.</summary>
    public IReadOnlyList<Item> Content { get; }

    /// <summary>The ads.</summary>
    public IReadOnlyList<Campaign> Campaigns { get; }

    /// <summary>People.</summary>
    public int Users => _users.Length;

    /// <summary>Draws who comes next: a few come often.</summary>
    public int SomeUser(Random random)
    {
        var at = Array.BinarySearch(_activity, random.NextDouble() * _activity[^1]);
        return Math.Min(at < 0 ? ~at : at, _users.Length - 1);
    }

    /// <summary>P(click | looked at) of a person and the content or ad of a number; from 0.002 to some 0.5.</summary>
    public double Appeal(int user, int number)
    {
        var likeness = 0.0;
        for (var i = 0; i < Tastes; i++) likeness += _users[user][i] * _items[number][i];
        return 1 / (1 + Math.Exp(3.2 - 3 * likeness - _appeal[number]));
    }

    /// <summary>P(looked at | shown there): the first place always, then less and less.</summary>
    public static double Looked(int position) => Math.Pow(0.93, position - 1);

    /// <summary>How much of the day's traffic comes in the hour, in proportion: quiet at night, most in the evening.</summary>
    public static double Traffic(double hour) => 1 - 0.7 * Math.Cos((hour - 3) / 24 * 2 * Math.PI) + 0.2 * Math.Cos((hour - 20) / 12 * 2 * Math.PI);

    public static string UserName(int user) => Name("person", user);

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");

    private static double[] Direction(Random random) => Unit([.. Enumerable.Range(0, Tastes).Select(_ => Normal(random))]);

    private static double[] Near(double[] centre, double spread, Random random) => Unit([.. centre.Select(x => x + spread * Normal(random))]);

    private static double[] Unit(double[] direction)
    {
        var length = Math.Sqrt(direction.Sum(x => x * x));
        return [.. direction.Select(x => x / length)];
    }

    // Box and Muller (1958).
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double[] Cumulated(IEnumerable<double> weights)
    {
        var sum = 0.0;
        return [.. weights.Select(weight => sum += weight)];
    }
}

/// <summary>How an advertiser bids through the day.</summary>
internal enum Strategy
{
    /// <summary>The same bid all day.</summary>
    Steady = 0,
    /// <summary>A tenth more each hour while less is spent than planned, a tenth less while more is.</summary>
    Chasing = 1,
    /// <summary>Twice the bid in the evening.</summary>
    Evening = 2,
}

/// <summary>One ad of the world.</summary>
/// <param name="Number">Its number among the world's content and ads.</param>
/// <param name="Strategy">How it bids.</param>
/// <param name="Item">The ad at its first bid.</param>
internal sealed record Campaign(int Number, Strategy Strategy, Item Item)
{
    /// <summary>Whether it bids enough to win what its budget can pay.</summary>
    public bool IsLimited { get; init; } = true;
}
