using Recs.Domain.Events;

namespace Recs.Pipelines.Simulate;

/// <summary>How somebody in the world acts on what stands before them.</summary>
internal static class Visitor
{
    /// <summary>What they do with one place of a slate: look, the less likely the further down, then click and like by taste, or hide what bores them.</summary>
    /// <param name="position">1 the first.</param>
    /// <param name="appeal">P(click | looked at).</param>
    /// <param name="random">Their mood.</param>
    public static IReadOnlyList<InteractionType> Act(int position, double appeal, Random random)
    {
        if (random.NextDouble() >= World.Looked(position)) return [];
        var mood = random.NextDouble();
        List<InteractionType> actions = [];
        if (mood < appeal) actions.Add(InteractionType.Click);
        if (mood < appeal * 0.3) actions.Add(InteractionType.Like);
        else if (mood > 0.99 + 0.01 * appeal * 4) actions.Add(InteractionType.Hide);
        return actions;
    }
}
