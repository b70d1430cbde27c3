namespace Recs.Domain.Decisions;

/// <summary>One logged action, and what another policy would have done in its place.</summary>
/// <param name="Unit">Rows of one unit, such as a user, belong together: the bootstrap draws them together.</param>
/// <param name="Position">Of the action; 1 is the first.</param>
/// <param name="Item">What was shown.</param>
/// <param name="Reward">What came of it.</param>
/// <param name="Propensity">The chance with which it was taken, in (0, 1].</param>
/// <param name="TargetPropensity">The chance with which the other policy would have taken it, in [0, 1].</param>
/// <param name="Modelled">The reward model's value of the action.</param>
/// <param name="TargetValue">The reward model's value of the other policy there.</param>
public readonly record struct PolicyRow(string Unit, int Position, string Item, double Reward, double Propensity, double TargetPropensity, double Modelled, double TargetValue);
