using Recs.Domain;
using Recs.Storage;

namespace Recs.Pipelines.DeadLetters;

/// <summary>Changes of letters' states, when two people do it at once.</summary>
internal static class Settling
{
    /// <exception cref="RefusedException">Somebody else has settled one of the letters meanwhile.</exception>
    public static T Of<T>(Func<T> change)
    {
        try
        {
            return change();
        }
        catch (FencedException fenced)
        {
            throw new RefusedException($"{fenced.Message}; run it again", fenced);
        }
    }

    /// <inheritdoc cref="Of{T}"/>
    public static void Of(Action change) => Of(() =>
    {
        change();
        return 0;
    });
}
