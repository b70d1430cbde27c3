namespace Recs.Api.Serving;

/// <summary>Whether the server is about to stop. Safe from any thread.</summary>
internal sealed class Drain
{
    private volatile bool _isDraining;

    /// <summary>Set once and for all.</summary>
    public bool IsDraining => _isDraining;

    public void Begin() => _isDraining = true;
}
