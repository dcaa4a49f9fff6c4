// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../../../interfaces/IMarketRegistry.sol";
import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { TestPriceFeed } from "../../../tokens/TestPriceFeed.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk } from "../../../types/MarketRisk.sol";
import { RiskTest } from "../../utils/RiskTest.sol";

/// @notice The parameters of a market against what its listing says. The first market moves by 5 % in a batch at most.
contract RiskListingTest is RiskTest {
    MarketId internal constant SECOND = MarketId.wrap(1);

    /// A batch moves this pool by 5 % at most: a feed's band may be as wide and no wider. Without a feed there is no band.
    function test_Band_IsNoWiderThanTheMarketMoves() public {
        MarketRisk memory parameters = _withFeed(address(0));
        parameters.priceBandBps = 501;
        vm.startPrank(owner);
        risk.propose(ETH, parameters);
        parameters.feed = _newFeed();
        _expectBandTooWide(500);
        risk.propose(ETH, parameters);
        _expectBandTooWide(500);
        risk.initialize(ETH, parameters);
        parameters.priceBandBps = 500;
        risk.propose(ETH, parameters);
        risk.initialize(ETH, parameters);
        vm.stopPrank();
        assertEq(risk.riskOf(ETH).priceBandBps, 500, "as wide as the market moves");
    }

    /// Where a market moves further, the band's own bound holds.
    function test_Band_IsNoWiderThanItsOwnBound() public {
        market.maxPriceMoveBps = 5000;
        vm.startPrank(owner);
        registry.list(market);
        MarketRisk memory parameters = _withFeed(_newFeed());
        (parameters.priceBandBps, parameters.maxDeviationBps) = (2001, 5000);
        vm.expectRevert(
            abi.encodeWithSelector(IRiskRegistry.RiskRegistry_OutOfBounds.selector, "priceBandBps", 2001, 1, 2000)
        );
        risk.initialize(SECOND, parameters);
        parameters.priceBandBps = 2000;
        risk.initialize(SECOND, parameters);
        vm.stopPrank();
    }

    /// What takes effect is held against the listing of that day.
    function test_Band_IsCheckedAgainWhenItTakesEffect() public {
        MarketRisk memory parameters = _withFeed(_newFeed());
        parameters.priceBandBps = 501;
        market.maxPriceMoveBps = 501;
        bytes memory get = abi.encodeCall(IMarketRegistry.get, (ETH));
        vm.mockCall(address(registry), get, abi.encode(market));
        vm.startPrank(owner);
        risk.propose(ETH, parameters);
        vm.clearMockedCalls();
        _after(2 days);
        _expectBandTooWide(500);
        risk.accept(ETH);
        vm.stopPrank();
    }

    /* HELPERS */

    function _newFeed() private returns (address) {
        return address(new TestPriceFeed(owner, 8, 2000e8));
    }

    function _expectBandTooWide(uint256 most) private {
        vm.expectRevert(
            abi.encodeWithSelector(IRiskRegistry.RiskRegistry_OutOfBounds.selector, "priceBandBps", most + 1, 1, most)
        );
    }
}
