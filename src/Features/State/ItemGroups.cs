using Recs.Domain.Items;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>
/// The groups an item belongs to by its newest version (its category, its author, each of its tags), and the totals of their members. It follows from the
/// catalogue and the item counters, whatever came first: an item that changes its groups takes its totals along. So it is no part of snapshots or
/// digests, and is bounded by the catalogue.
/// </summary>
internal sealed class ItemGroups
{
    private readonly Interner _groups = new();
    private int[]?[] _byItem = [];
    private (long Positives, long Trials)[] _totals = [];

    /// <summary>Groups known; their numbers are below it.</summary>
    public int Count => _groups.Count;

    /// <summary>The groups of an item: category and author first where it has them, then tags.</summary>
    public ReadOnlySpan<int> Of(int item) => (uint)item < (uint)_byItem.Length ? _byItem[item] : [];

    /// <summary>Positives and trials of a group's members.</summary>
    public (long Positives, long Trials) Totals(int group) => _totals[group];

    /// <summary>"category home", "author a3", "tag heart".</summary>
    public string Name(int group) => $"{Kind(group) switch { 'c' => "category", 'a' => "author", _ => "tag" }} {_groups[group][1..]}";

    /// <summary>Whether the group is a category ('c'), an author ('a') or a tag ('t').</summary>
    public char Kind(int group) => _groups[group][0];

    /// <summary>An item's newest version came, or another of the same time.</summary>
    /// <param name="item">Interned item.</param>
    /// <param name="version">What it is now.</param>
    /// <param name="totals">What was counted of it so far.</param>
    public void Assign(int item, Item version, in KeyTotals totals)
    {
        if (item >= _byItem.Length) Array.Resize(ref _byItem, Math.Max(item + 1, _byItem.Length * 2));
        foreach (var group in Of(item)) Grow(group, -totals.Positives, -totals.Trials);
        List<int> groups = [];
        if (version.Category.Length > 0) groups.Add(_groups.Intern("c" + version.Category));
        if (version.Author.Length > 0) groups.Add(_groups.Intern("a" + version.Author));
        foreach (var tag in version.Tags)
            if (_groups.Intern("t" + tag) is var group && !groups.Contains(group)) groups.Add(group);
        if (_groups.Count > _totals.Length) Array.Resize(ref _totals, Math.Max(_groups.Count, _totals.Length * 2));
        _byItem[item] = [.. groups];
        foreach (var group in groups) Grow(group, totals.Positives, totals.Trials);
    }

    /// <summary>An item's totals were the one and are the other now.</summary>
    public void Move(int item, in KeyTotals before, in KeyTotals after)
    {
        foreach (var group in Of(item)) Grow(group, after.Positives - before.Positives, after.Trials - before.Trials);
    }

    private void Grow(int group, long positives, long trials)
    {
        ref var totals = ref _totals[group];
        totals = (totals.Positives + positives, totals.Trials + trials);
    }
}
